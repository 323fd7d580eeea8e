"""The forms in which a draft is edited: its own numbers, and one table per kind of part."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.text import slugify

from citizens.enums import TieKind
from citizens.models import BehaviourType
from scoring.console.fields import LimitedFloat, LimitedWhole
from scoring.rules.limits import (
    BAND_LIMIT,
    DIMENSION_LIMITS,
    RULE_LIMITS,
    RULE_SET_LIMITS,
    TIE_WEIGHT_LIMIT,
    band_problems,
    threshold_problem,
)
from scoring.rules.terms import NUMBERS, BandTerms, DimensionTerms, RuleTerms, Terms

LABELS = {
    "base": ("Base", "Points where everybody starts, 350 to 950."),
    "minimum_behaviours": ("Minimum of behaviours", "Citizens with fewer stay unscored."),
    "drag": ("Drag", "Share of a low scorer's distance below the threshold that is passed on; 0 to less than 1."),
    "lift": ("Lift", "Share of a high scorer's distance above the threshold that is passed on; 0 to less than 1."),
    "theta_drag": ("Drag threshold", "Below this score a person drags others."),
    "theta_lift": ("Lift threshold", "Above this score a person lifts others."),
    "cap": ("Network cap", "The most points that ties together can give or take."),
    "k0": ("Shield", "Shields people with few ties; 0 shields nobody."),
}  # fmt: skip


class NewDraftForm(forms.Form):
    """Names a draft."""

    name = forms.CharField(
        max_length=120,
        label="Name of the draft",
        error_messages={"required": "Give it a name.", "max_length": "A name has at most 120 characters."},
    )


class ReasonForm(forms.Form):
    """A reason, in words, that will be kept."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Say why, so that the author knows what to change.",
            "max_length": "A reason has at most 2,000 characters.",
        },
    )


class OwnForm(forms.Form):
    """Name, note and the numbers that hold for everybody."""

    name = forms.CharField(max_length=120, error_messages={"required": "A rule set needs a name."})
    note = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What this version changes, and why.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in NUMBERS:
            kind = LimitedWhole if name == "minimum_behaviours" else LimitedFloat
            label, help_text = LABELS[name]
            self.fields[name] = kind(RULE_SET_LIMITS[name], label=label, help_text=help_text)

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
            self.fields[role.value] = LimitedFloat(TIE_WEIGHT_LIMIT, label=role.label)


class DimensionForm(forms.Form):
    """The room of one dimension."""

    key = forms.CharField(widget=forms.HiddenInput)
    room = LimitedFloat(DIMENSION_LIMITS["room"], label="Room")


class RuleForm(forms.Form):
    """One rule; the behaviour type can be chosen only for a new one."""

    behaviour_type = forms.CharField(
        label="Behaviour type", error_messages={"required": "Choose the behaviour type this rule is about."}
    )
    dimension = forms.ChoiceField(
        error_messages={
            "required": "Choose a dimension.",
            "invalid_choice": "This rule set has no dimension “%(value)s”.",
        }
    )
    points = LimitedFloat(RULE_LIMITS["points"], label="Points")
    most = LimitedFloat(RULE_LIMITS["most"], label="Most")
    half_life_days = LimitedFloat(RULE_LIMITS["half_life_days"], label="Half-life in days", required=False)
    expiry_days = LimitedFloat(RULE_LIMITS["expiry_days"], label="Expiry in days", required=False)

    def __init__(
        self, *args: Any, type_names: dict[str, str], dimensions: list[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.type_names = type_names
        self.fields["dimension"].choices = [("", "—"), *dimensions]  # type: ignore[attr-defined]
        self.fields["behaviour_type"].widget = (
            forms.HiddenInput() if self.type_name else forms.Select(choices=[("", "—"), *type_names.items()])
        )

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
            raise forms.ValidationError(f"There is no behaviour type “{key}”.", code="unknown")
        return key


class BandForm(forms.Form):
    """One band, from its lower edge up to the next."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=40, error_messages={"required": "Give the band a name."})
    lower = LimitedWhole(BAND_LIMIT, label="Lower edge")


class LiveFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """A formset that knows which of its rows count: not removed, not left empty."""

    def live(self) -> Iterator[forms.Form]:
        for position, form in enumerate(self.forms):
            left_empty = position >= self.initial_form_count() and not form.has_changed()
            if not left_empty and not (self.can_delete and self._should_delete_form(form)):  # type: ignore[attr-defined]
                yield form

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Remove"


class BaseRuleFormSet(LiveFormSet):
    def clean(self) -> None:
        """Refuse a second rule for a behaviour type, at the second."""
        seen: set[str] = set()
        for form in self.live():
            key = form.cleaned_data.get("behaviour_type")
            if key in seen:
                form.add_error("behaviour_type", "This behaviour type already has a rule.")
            elif key:
                seen.add(key)


class BaseBandFormSet(LiveFormSet):
    def clean(self) -> None:
        """Refuse bands that overlap or leave a gap, at the edge that does."""
        forms_ = [form for form in self.live() if form.cleaned_data.get("lower") is not None]
        for position, reason in band_problems([form.cleaned_data["lower"] for form in forms_]).items():
            if position is not None:
                forms_[position].add_error("lower", reason)
            elif not any(form.errors for form in self.forms):
                raise forms.ValidationError(reason)
        names: set[str] = set()
        for form in forms_:
            name = slugify(form.cleaned_data.get("name", ""))
            if name and name in names:
                form.add_error("name", "There is already a band of this name.")
            names.add(name)


DimensionFormSet = forms.formset_factory(DimensionForm, formset=LiveFormSet, extra=0, max_num=100)
RuleFormSet = forms.formset_factory(
    RuleForm, formset=BaseRuleFormSet, extra=2, can_delete=True, max_num=500, absolute_max=600
)
BandFormSet = forms.formset_factory(
    BandForm, formset=BaseBandFormSet, extra=1, can_delete=True, max_num=50, absolute_max=60
)


class DraftForms:
    """All forms of a draft together: filled from `seen`, the terms their user saw; with `data`, what was typed."""

    def __init__(self, *, seen: Terms, data: Any = None) -> None:
        self.seen = seen
        types = dict(BehaviourType.objects.order_by("name").values_list("key", "name"))
        context = {"type_names": types, "dimensions": [(part.key, part.name) for part in seen.dimensions]}
        rows = seen.as_json()
        places = [part.key for part in seen.dimensions]
        rules = sorted(
            rows["rules"], key=lambda rule: (places.index(rule["dimension"]), types.get(rule["behaviour_type"], ""))
        )
        self.own = OwnForm(data, initial=rows, prefix="own")
        self.dimensions = DimensionFormSet(data, initial=rows["dimensions"], prefix="dimensions")
        self.rules = RuleFormSet(data, initial=rules, prefix="rules", form_kwargs=context)
        self.tie_weights = TieWeightsForm(data, initial=dict(seen.tie_weights), prefix="ties")
        self.bands = BandFormSet(data, initial=rows["bands"], prefix="bands")
        for form, part in zip(self.dimensions.forms, seen.dimensions, strict=False):
            form.dimension = part

    @property
    def parts(self) -> list[Any]:
        return [self.own, self.dimensions, self.rules, self.tie_weights, self.bands]

    def is_valid(self) -> bool:
        # Every part is asked, so that all errors show at once.
        validities = [part.is_valid() for part in self.parts]
        return all(validities)

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """(where, the field's id, reason) for every entry that is refused, in the order of the page."""
        found = []
        for part in self.parts:
            for form in getattr(part, "forms", [part]):
                row = getattr(form, "type_name", None) or form.initial.get("name", "")
                for name, reasons in form.errors.items():
                    field = form[name]
                    where = f"{row}: {field.label}" if row and part is not self.own else field.label
                    found.append((where, field.auto_id, " ".join(reasons)))
            if hasattr(part, "non_form_errors"):
                found += [("", "", reason) for reason in part.non_form_errors()]
        return found

    def terms(self) -> Terms:
        """What was typed, once it is valid."""
        return dataclasses.replace(
            self.seen,
            **self.own.cleaned_data,
            dimensions=tuple(self._dimensions()),
            rules=tuple(sorted(self._rules(), key=lambda rule: rule.behaviour_type)),
            tie_weights=tuple((role, self.tie_weights.cleaned_data[role]) for role in TieKind.values),
            bands=tuple(sorted(self._bands(), key=lambda band: band.lower)),
        )

    def _dimensions(self) -> Iterator[DimensionTerms]:
        live = self.dimensions.live()  # type: ignore[attr-defined]
        room_of = {form.cleaned_data["key"]: form.cleaned_data["room"] for form in live}
        for dimension in self.seen.dimensions:
            yield dataclasses.replace(dimension, room=room_of.get(dimension.key, dimension.room))

    def _rules(self) -> Iterator[RuleTerms]:
        for form in self.rules.live():  # type: ignore[attr-defined]
            yield RuleTerms(**{key: value for key, value in form.cleaned_data.items() if key != "DELETE"})

    def _bands(self) -> Iterator[BandTerms]:
        keys = {form.cleaned_data["key"] for form in self.bands.live()}  # type: ignore[attr-defined]
        for form in self.bands.live():  # type: ignore[attr-defined]
            values = form.cleaned_data
            key = values["key"] or slugify(values["name"])[:30] or "band"
            while not values["key"] and key in keys:
                key += "-2"
            keys.add(key)
            yield BandTerms(key=key, name=values["name"], lower=values["lower"])
