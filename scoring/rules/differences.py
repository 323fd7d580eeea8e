"""What differs between two rule sets, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from citizens.enums import TieKind
from citizens.models import BehaviourType
from scoring.models import RuleSet
from scoring.rules.terms import Terms, terms_of
from sesame_site.kit.pages.numbers import number, signed

OWN_LABELS = {
    "name": "name",
    "note": "note",
    "base": "base",
    "minimum_behaviours": "minimum of behaviours",
    "drag": "drag",
    "lift": "lift",
    "theta_drag": "drag threshold",
    "theta_lift": "lift threshold",
    "cap": "network cap",
    "k0": "shield",
}


@dataclass(frozen=True)
class Difference:
    """One weight that is not the same; None where it does not exist on that side."""

    part: str
    name: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.part}, {self.name}: {self.new} (new)"
        if self.new is None:
            return f"{self.part}, {self.name}: {self.old} (removed)"
        return f"{self.part}, {self.name}: {self.old} → {self.new}"


def differences(old: RuleSet, new: RuleSet) -> list[Difference]:
    """Every weight of `new` that differs from `old`, in the order of a rule set's page."""
    return differences_of_terms(terms_of(old), terms_of(new))


def differences_of_terms(old: Terms, new: Terms, names: dict[str, str] | None = None) -> list[Difference]:
    """The same for terms. One query, unless the names of behaviour types by their keys are given."""
    names = names or dict(BehaviourType.objects.values_list("key", "name"))
    before, after = dict(_lines(old, names)), dict(_lines(new, names))
    return [
        Difference(*place, before.get(place), after.get(place))
        for place in [*before, *(place for place in after if place not in before)]
        if before.get(place) != after.get(place)
    ]


Line = tuple[tuple[str, str], str]


def _lines(terms: Terms, names: dict[str, str]) -> Iterator[Line]:
    """((part, name), value in words) for everything in the terms."""
    for field, label in OWN_LABELS.items():
        value = getattr(terms, field)
        yield ("Rule set", label), value if isinstance(value, str) else _number(value)
    dimension_names = {dimension.key: dimension.name for dimension in terms.dimensions}
    for dimension in terms.dimensions:
        yield (f"Dimension {dimension.name}", "room"), f"{_number(dimension.room)} points"
    for rule in terms.rules:
        part = f"Rule {names.get(rule.behaviour_type, rule.behaviour_type)}"
        yield (part, "dimension"), dimension_names.get(rule.dimension, rule.dimension)
        yield (part, "points"), signed(rule.points)
        yield (part, "most"), f"{_number(rule.most)} points"
        yield (part, "half-life"), _days(rule.half_life_days, "never fades")
        yield (part, "expiry"), _days(rule.expiry_days, "never forgotten")
    for role, weight in terms.tie_weights:
        yield ("Tie weights", TieKind(role).label.lower()), _number(weight)
    for band in terms.bands:
        yield (f"Band {band.name}", "lower edge"), str(band.lower)


def _number(value: float) -> str:
    return number(value, 10)


def _days(value: float | None, without: str) -> str:
    return without if value is None else f"{_number(value)} days"
