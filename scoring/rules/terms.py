"""A rule set's terms as plain values, so that they can be copied, compared, checked and carried in a form."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self

from citizens.enums import TieKind
from scoring.models import RuleSet
from scoring.rules.weights import RULE, RULE_SET

# One field for each weight of the rule set itself.
Numbers: Any = dataclasses.make_dataclass(
    "Numbers",
    [(weight.name, int if weight.whole else float, weight.default) for weight in RULE_SET.values()],
    frozen=True,
    kw_only=True,
)


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
class Terms(Numbers):  # type: ignore[misc]
    """Everything that decides a score: the weights of the rule set, each under its name, and its parts.

    Behaviour types and dimensions go by key; every role has a weight.
    """

    name: str
    note: str = ""
    dimensions: tuple[DimensionTerms, ...] = ()
    rules: tuple[RuleTerms, ...] = ()
    tie_weights: tuple[tuple[str, float], ...] = ()
    bands: tuple[BandTerms, ...] = ()

    @property
    def numbers(self) -> dict[str, float]:
        """The weights of the rule set itself, by name."""
        return {name: getattr(self, name) for name in RULE_SET}

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def fingerprint_beside(self, version: int) -> str:
        """What a preview of exactly these terms beside the rule set of this version in force goes by: SHA-256."""
        content = json.dumps([self.as_json(), version], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

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
            **{name: getattr(rule, name) for name in RULE},
        )
        for rule in rule_set.rules.all()
    )
    return Terms(
        name=rule_set.name,
        note=rule_set.note,
        **{name: getattr(rule_set, name) for name in RULE_SET},
        dimensions=tuple(DimensionTerms(part.key, part.name, part.room, part.note) for part in dimensions),
        rules=tuple(sorted(rules, key=lambda rule: rule.behaviour_type)),
        tie_weights=tuple((dict.fromkeys(TieKind.values, 0.0) | weight_of).items()),
        bands=tuple(
            sorted((BandTerms(b.key, b.name, b.lower) for b in rule_set.bands.all()), key=lambda band: band.lower)
        ),
    )
