"""One row of each table of a draft: a dimension, a rule, a band."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.console.forms.fields import columns_of
from scoring.rules.weights import BAND, DIMENSION, RULE


class DimensionForm(forms.Form):
    """The room of one dimension."""

    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields |= columns_of(DIMENSION)


class RuleForm(forms.Form):
    """One rule; the behaviour type can be chosen only for a new one."""

    behaviour_type = forms.CharField(
        label=_("Behaviour type"), error_messages={"required": _("Choose the behaviour type this rule is about.")}
    )
    dimension = forms.ChoiceField(
        label=_("Dimension"),
        error_messages={
            "required": _("Choose a dimension."),
            "invalid_choice": _("This rule set has no dimension “%(value)s”."),
        },
    )

    def __init__(
        self, *args: Any, type_names: dict[str, str], dimensions: list[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields |= columns_of(RULE)
        self.type_names = type_names
        self.fields["dimension"].choices = [("", "—"), *dimensions]  # type: ignore[attr-defined]
        self.fields["behaviour_type"].widget = (
            forms.HiddenInput() if self.type_name else forms.Select(choices=[("", "—"), *type_names.items()])
        )

    @property
    def weights(self) -> list[forms.BoundField]:
        """The fields of the rule's weights, in the order of the table's columns."""
        return [self[name] for name in RULE]

    @property
    def type_name(self) -> str | None:
        """The behaviour type in words for a rule that exists; None for one being added."""
        if self.empty_permitted:
            return None
        # What was sent, not what is stored: another window may have removed a rule, and the rows do not match.
        key = self["behaviour_type"].value()
        return self.type_names.get(key, key) if key else None

    def clean_behaviour_type(self) -> str:
        key: str = self.cleaned_data["behaviour_type"]
        if key not in self.type_names:
            raise forms.ValidationError(_("There is no behaviour type “%(key)s”."), params={"key": key}, code="unknown")
        return key


class BandForm(forms.Form):
    """One band, from its lower edge up to the next."""

    key = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=40, error_messages={"required": _("Give the band a name.")})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields |= columns_of(BAND)
