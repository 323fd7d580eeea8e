"""A rule set's terms as plain values, so that they can be copied, compared, checked and carried in a form."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Self

from citizens.enums import TieKind
from scoring.models import RuleSet

NUMBERS = ("base", "minimum_behaviours", "drag", "lift", "theta_drag", "theta_lift", "cap", "k0")


@dataclass(frozen=True)
class DimensionTerms:
    """A group of rules and the most it can move a score, in points."""

    key: str
    name: str
    room: float
    note: str = ""


@dataclass(frozen=True)
class RuleTerms:
    """What one behaviour type is worth: points per unit, the most it can move, days to half and to nothing."""

    behaviour_type: str
    dimension: str
    points: float
    most: float
    half_life_days: float | None = None
    expiry_days: float | None = None


@dataclass(frozen=True)
class BandTerms:
    """A named range from its lower edge, inclusive, up to the next band's."""

    key: str
    name: str
    lower: int


@dataclass(frozen=True)
class Terms:
    """Everything that decides a score. Behaviour types and dimensions go by key; every role has a weight."""

    name: str
    note: str
    base: float
    minimum_behaviours: int
    drag: float
    lift: float
    theta_drag: float
    theta_lift: float
    cap: float
    k0: float
    dimensions: tuple[DimensionTerms, ...] = ()
    rules: tuple[RuleTerms, ...] = ()
    tie_weights: tuple[tuple[str, float], ...] = ()
    bands: tuple[BandTerms, ...] = ()

    @property
    def numbers(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in NUMBERS}

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `as_json`."""
        parts: dict[str, Any] = {
            "dimensions": tuple(DimensionTerms(**part) for part in data["dimensions"]),
            "rules": tuple(RuleTerms(**part) for part in data["rules"]),
            "tie_weights": tuple((role, weight) for role, weight in data["tie_weights"]),
            "bands": tuple(BandTerms(**part) for part in data["bands"]),
        }
        return cls(**{**data, **parts})


def terms_of(rule_set: RuleSet) -> Terms:
    """The terms as stored. Four queries, or none when the parts are prefetched by `with_parts`."""
    dimensions = sorted(rule_set.dimensions.all(), key=lambda part: (part.position, part.key))
    key_of = {dimension.pk: dimension.key for dimension in dimensions}
    weight_of = {part.role: part.weight for part in rule_set.tie_weights.all()}
    rules = (
        RuleTerms(
            behaviour_type=rule.behaviour_type.key,
            dimension=key_of[rule.dimension_id],
            points=rule.points,
            most=rule.most,
            half_life_days=rule.half_life_days,
            expiry_days=rule.expiry_days,
        )
        for rule in rule_set.rules.all()
    )
    return Terms(
        name=rule_set.name,
        note=rule_set.note,
        **{name: getattr(rule_set, name) for name in NUMBERS},
        dimensions=tuple(DimensionTerms(part.key, part.name, part.room, part.note) for part in dimensions),
        rules=tuple(sorted(rules, key=lambda rule: rule.behaviour_type)),
        tie_weights=tuple((dict.fromkeys(TieKind.values, 0.0) | weight_of).items()),
        bands=tuple(
            sorted((BandTerms(b.key, b.name, b.lower) for b in rule_set.bands.all()), key=lambda band: band.lower)
        ),
    )
