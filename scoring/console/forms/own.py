"""The weights of a draft that stand alone: those for everybody, and what each kind of tie counts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citizens.enums import TieKind
from scoring.console.forms.fields import field_of
from scoring.models.rule_sets import LONGEST_NAME
from scoring.rules.limits import threshold_problem
from scoring.rules.weights import RULE_SET, TIE


class OwnForm(forms.Form):
    """Name, note and the weights of the rule set itself."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, error_messages={"required": _("A rule set needs a name.")}
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What this version changes, and why."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields |= {name: field_of(weight) for name, weight in RULE_SET.items()}

    def clean_note(self) -> str:
        # Browsers send line ends as two characters; kept, they would look like a change.
        note: str = self.cleaned_data["note"]
        return note.replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        known = "theta_drag" in values and "theta_lift" in values
        if known and (reason := threshold_problem(values["theta_drag"], values["theta_lift"])):
            self.add_error("theta_drag", reason)
        return values


class TieWeightsForm(forms.Form):
    """How much a person counts, by what they are to somebody."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for role in TieKind:
            self.fields[role.value] = field_of(TIE["weight"], label=role.label, help_text="")
