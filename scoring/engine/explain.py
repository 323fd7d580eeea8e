"""The lines that add up to one citizen's score. Pure; points throughout."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.arrays import Floats, Ints
from scoring.engine.model import ROLES, Influence, Rules
from scoring.engine.phi import drag_and_lift


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule: `contribution = raw + cap`, where `raw = points · x` and `cap` is the part that its limit takes off."""

    kind: int
    events: int
    x: float
    raw: float
    cap: float

    @property
    def contribution(self) -> float:
        return self.raw + self.cap


@dataclass(frozen=True, slots=True)
class DimensionLine:
    """A dimension: `contribution = Σ rules + cap`, where `cap` is the part that its limit takes off."""

    dimension: int
    rules: tuple[RuleLine, ...]
    cap: float

    @property
    def contribution(self) -> float:
        return sum(rule.contribution for rule in self.rules) + self.cap


@dataclass(frozen=True, slots=True)
class OwnLines:
    """`score = base + Σ dimensions + clip`, where `clip` keeps it on the scale."""

    base: float
    dimensions: tuple[DimensionLine, ...]
    clip: float
    counted: int

    @property
    def score(self) -> float:
        return self.base + sum(line.contribution for line in self.dimensions) + self.clip


@dataclass(frozen=True, slots=True)
class NetworkLines:
    """`total = drag + lift + cap`, from so many tied and scored people; `by_role` has the points of each role.

    Each person stands in one role, that of their strongest tie. `are_too_few` says that fewer people count than the
    rule set asks for, so that they give and take nothing.
    """

    drag: float
    lift: float
    cap: float
    people: int
    by_role: dict[str, float]
    are_too_few: bool = False

    @property
    def total(self) -> float:
        return self.drag + self.lift + self.cap


def own_lines(kinds: Sequence[int], ages: Sequence[float], amounts: Sequence[float], rules: Rules) -> OwnLines:
    """Takes one citizen's live, consented behaviours apart: kind index, age in days, amount."""
    x: dict[int, float] = {}
    events: dict[int, int] = {}
    for kind, age, amount in zip(kinds, ages, amounts, strict=True):
        if 0.0 <= age <= rules.expiry_days[kind] and amount != 0:
            events[kind] = events.get(kind, 0) + 1
            x[kind] = x.get(kind, 0.0) + amount * 2.0 ** (-age / float(rules.half_life_days[kind]))
    grouped: dict[int, list[RuleLine]] = {d: [] for d in range(len(rules.room))}
    for kind in sorted(x):
        if rules.dimension[kind] >= 0:
            raw = float(rules.points[kind]) * x[kind]
            cap = _clipped(raw, float(rules.most[kind])) - raw
            grouped[int(rules.dimension[kind])].append(RuleLine(kind, events[kind], x[kind], raw, cap))
    dimensions = tuple(_dimension(d, tuple(lines), float(rules.room[d])) for d, lines in grouped.items())
    unclipped = rules.base + sum(line.contribution for line in dimensions)
    clip = min(max(unclipped, rules.floor), rules.ceiling) - unclipped
    return OwnLines(rules.base, dimensions, clip, sum(events.values()))


def event_points(kinds: Sequence[int], ages: Sequence[float], amounts: Sequence[float], rules: Rules) -> list[float]:
    """What each behaviour adds to the raw line of its rule, before any limit: `points · amount · 2^(−age/half-life)`.

    Behaviours of the future, expired ones and those without a rule add 0. Sums per kind to `RuleLine.raw`.
    """
    return [
        float(rules.points[kind]) * amount * 2.0 ** (-age / float(rules.half_life_days[kind]))
        if rules.dimension[kind] >= 0 and 0.0 <= age <= rules.expiry_days[kind]
        else 0.0
        for kind, age, amount in zip(kinds, ages, amounts, strict=True)
    ]


def network_lines(people: Ints, scores: Floats, roles: Ints, strengths: Floats, influence: Influence) -> NetworkLines:
    """Takes one citizen's network effect apart.

    The arrays hold the ties to scored people that have waited long enough: to whom, their score, the role, the
    strength. Of several ties to one person the strongest counts alone.
    """
    m = strengths * influence.weight[roles]
    strongest = _strongest(people, m)
    scores, roles, m = scores[strongest], roles[strongest], m[strongest]
    are_too_few = int(np.count_nonzero(m)) < influence.least_ties
    total_weight = influence.k0 + m.sum()
    share = np.zeros_like(m) if are_too_few or total_weight == 0 else m / total_weight
    drags, lifts = (share * part for part in drag_and_lift(scores, influence))
    drag, lift = float(drags.sum()), float(lifts.sum())
    by_role = {ROLES[role]: float((drags + lifts)[roles == role].sum()) for role in np.unique(roles)}
    cap = _clipped(drag + lift, influence.cap) - (drag + lift)
    return NetworkLines(drag, lift, cap, len(scores), by_role, are_too_few)


def _strongest(people: Ints, m: Floats) -> Ints:
    """The position of the strongest tie to each person, the first of those that are equal; in the order of people."""
    order = np.lexsort((np.arange(len(m)), -m, people))
    return order[np.unique(people[order], return_index=True)[1]]


def _dimension(dimension: int, rules: tuple[RuleLine, ...], room: float) -> DimensionLine:
    total = sum(rule.contribution for rule in rules)
    return DimensionLine(dimension, rules, _clipped(total, room) - total)


def _clipped(value: float, most: float) -> float:
    return min(max(value, -most), most)
