"""All forms of a draft together, from its terms and back to them."""

import dataclasses
from collections.abc import Iterator
from itertools import chain, count
from typing import Any

from django.utils.text import slugify

from citizens.enums import TieKind
from citizens.models import BehaviourType
from scoring.console.forms.own import OwnForm, TieWeightsForm
from scoring.console.forms.tables import BandFormSet, DimensionFormSet, RuleFormSet
from scoring.rules.terms import BandTerms, DimensionTerms, RuleTerms, Terms
from sesame_site.kit.pages.forms import Refusal, first_box


class DraftForms:
    """All forms of a draft together: filled from `seen`, the terms their user saw; with `data`, what was typed."""

    def __init__(self, *, seen: Terms, data: Any = None) -> None:
        self.seen = seen
        self.is_bound = data is not None
        self.fields: dict[str, Any] = {}
        self.refused_as_a_whole: list[str] = []
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
        # A browser that sends more rows than there are dimensions has made them up.
        del self.dimensions.forms[len(seen.dimensions) :]

    @property
    def parts(self) -> list[Any]:
        return [self.own, self.dimensions, self.rules, self.tie_weights, self.bands]

    def is_valid(self) -> bool:
        # Every part is asked, so that all errors show at once.
        validities = [part.is_valid() for part in self.parts]
        return all(validities)

    def add_error(self, field: None, reasons: Any) -> None:
        """Refuses the draft as a whole."""
        self.refused_as_a_whole += [str(reasons)] if not isinstance(reasons, list) else reasons

    @property
    def errors(self) -> list[Refusal]:
        return self.refusals() if self.is_bound else []

    def refusals(self) -> list[Refusal]:
        """Every entry that is refused, in the order of the page, after what is wrong with the whole."""
        found = [Refusal(reason) for reason in self.refused_as_a_whole]
        for part in self.parts:
            for form in getattr(part, "forms", [part]):
                row = getattr(form, "type_name", None) or form.initial.get("name", "")
                for name, reasons in form.errors.items():
                    field = form[name]
                    where = f"{row}: {field.label}" if row and part is not self.own else str(field.label)
                    found.append(Refusal(" ".join(reasons), where, first_box(field)))
            if hasattr(part, "non_form_errors"):
                found += map(Refusal, map(str, part.non_form_errors()))
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
            key = values["key"] or _key_beside(keys, values["name"])
            keys.add(key)
            yield BandTerms(key=key, name=values["name"], lower=values["lower"])


def _key_beside(taken: set[str], name: str) -> str:
    """A key for a new band: its name, or as much of it as is written in letters of a key, numbered if that is taken."""
    stem = slugify(name)[:30] or "band"
    return next(key for key in chain([stem], (f"{stem}-{number}" for number in count(2))) if key not in taken)
