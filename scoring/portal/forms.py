"""What citizens may ask about their score, and say against it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citizens.models import BehaviourType
from scoring.models import RuleSet
from scoring.models.contests import LONGEST_TEXT
from sesame_site.kit.pages.numbers import PlainDecimal

LARGEST = 1_000.0


class WhatIfForm(forms.Form):
    """One more behaviour, of a type that the rule set in force has a rule for."""

    kind = forms.ModelChoiceField(
        BehaviourType.objects.none(),
        label=_("If I now did this"),
        to_field_name="key",
        empty_label=_("Choose"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose what you would do.")),
    )
    amount = PlainDecimal(
        label=_("How often, or how much"),
        min_value=0,
        max_value=LARGEST,
        initial=1,
        help_text=_("1 is once."),
        error_messages=dict.fromkeys(("min_value", "max_value"), _("Enter a number from 0 to 1,000.")),
    )

    def clean(self) -> dict[str, Any]:
        kind, amount = self.cleaned_data.get("kind"), self.cleaned_data.get("amount")
        if kind is not None and amount is not None and (reason := kind.implausible(amount)):
            self.add_error("amount", reason)
        return self.cleaned_data

    def __init__(self, *args: object, rule_set: RuleSet, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        ruled = rule_set.rules.values("behaviour_type")
        self.fields["kind"].queryset = BehaviourType.objects.filter(pk__in=ruled).order_by("name")  # type: ignore[attr-defined]


class ObjectionForm(forms.Form):
    """What is wrong with a behaviour; the action says how much has to be said."""

    statement = forms.CharField(
        label=_("What is wrong with it?"),
        required=False,
        widget=forms.Textarea(attrs={"maxlength": LONGEST_TEXT, "required": True}),
        help_text=_("A person reads this and decides. Upheld, it stops counting; either way you are told why."),
    )
