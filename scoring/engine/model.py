"""What the engine computes from: weights, events, ties. Arrays only; points, days, and microseconds since 1970."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.scale import CEILING, FLOOR, MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE, UNSCORED

ROLES = ("partner", "parent", "child", "sibling", "friend", "colleague", "neighbour")
# The product of two weights up to this, and a sum of many, stay far within the range of single precision.
LARGEST_WEIGHT = 1e6
# The minute in which a tie of unknown age began: longer ago than any wait.
LONG_AGO = np.iinfo(np.int32).min

# The position of the role that a citizen has for somebody who has this role for them.
REVERSE_ROLE = np.array([ROLES.index({"parent": "child", "child": "parent"}.get(role, role)) for role in ROLES])

Problem = tuple[str, str]


def refuse(problems: list[Problem]) -> None:
    """Raises ValueError naming every field, with the reason, if there are any problems."""
    if problems:
        raise ValueError("; ".join(f"{field} {reason}" for field, reason in problems))


@dataclass(frozen=True, slots=True)
class Rules:
    """What behaviours are worth, in points. Arrays over behaviour types `k` (length K) and dimensions `d` (length D).

    `half_life_days` and `expiry_days` are infinite where there is none. `dimension[k]` is -1 for a type without a
    rule: its events are worth nothing and still count towards `minimum_behaviours`. Events of amount 0 do not.
    """

    points: Floats
    half_life_days: Floats
    expiry_days: Floats
    most: Floats
    dimension: Ints
    room: Floats
    base: float
    minimum_behaviours: int = 1
    floor: float = float(FLOOR)
    ceiling: float = float(CEILING)

    def problems(self) -> list[Problem]:
        """What is wrong, as (field, reason); empty if nothing is."""
        found: list[Problem] = [
            (name, "must have one value for each behaviour type")
            for name in ("half_life_days", "expiry_days", "most", "dimension")
            if len(getattr(self, name)) != len(self.points)
        ]
        if not np.isfinite(self.points).all():
            found.append(("points", "must be finite numbers"))
        for name in ("half_life_days", "expiry_days"):
            if not (getattr(self, name) > 0).all():
                found.append((name, "must be more than 0"))
        for name in ("most", "room"):
            values = getattr(self, name)
            if not (np.isfinite(values) & (values >= 0)).all():
                found.append((name, "must be finite and not negative"))
        if ((self.dimension < -1) | (self.dimension >= len(self.room))).any():
            found.append(("dimension", "names a dimension that does not exist"))
        found += _range_problems(self.floor, self.ceiling)
        if not self.floor <= self.base <= self.ceiling:
            found.append(("base", f"must be within {self.floor:g} to {self.ceiling:g}"))
        if self.minimum_behaviours < 0:
            found.append(("minimum_behaviours", "must not be negative"))
        return found


@dataclass(frozen=True, slots=True)
class Influence:
    """How much tied citizens count. `weight[r]` is for role `ROLES[r]` of the other citizen; φ is in points.

    A tie counts once it is `tie_wait` days old. Citizens for whom fewer than `least_ties` scored people count with a
    weight above 0 have no network effect.
    """

    drag: float
    lift: float
    theta_drag: float
    theta_lift: float
    cap: float
    k0: float
    weight: Floats
    floor: float = float(FLOOR)
    ceiling: float = float(CEILING)
    least_ties: int = 1
    tie_wait: float = 0.0

    @property
    def modulus(self) -> float:
        """The contraction modulus: one sweep brings any two score vectors closer by this factor or a smaller one."""
        return max(self.drag, self.lift)

    def problems(self) -> list[Problem]:
        """What is wrong, as (field, reason); empty if nothing is."""
        found: list[Problem] = []
        for name in ("drag", "lift"):
            if not 0 <= getattr(self, name) < 1:
                found.append((name, "must be at least 0 and less than 1"))
        for name in ("theta_drag", "theta_lift"):
            if not math.isfinite(getattr(self, name)):
                found.append((name, "must be a finite number"))
        if self.theta_drag > self.theta_lift:
            found.append(("theta_drag", "must not be above the lift threshold"))
        # There must be a score with φ = 0, because the solver gives it to the unscored.
        if self.theta_drag > self.ceiling:
            found.append(("theta_drag", "must not be above the ceiling"))
        if self.theta_lift < self.floor:
            found.append(("theta_lift", "must not be below the floor"))
        found += _range_problems(self.floor, self.ceiling)
        for name in ("cap", "k0", "tie_wait"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                found.append((name, "must be finite and not negative"))
        if len(self.weight) != len(ROLES) or not _within(self.weight, 0, LARGEST_WEIGHT):
            found.append(("weight", f"must be one number from 0 to {LARGEST_WEIGHT:g} for each role"))
        if self.least_ties < 1:
            found.append(("least_ties", "must be at least 1"))
        return found


@dataclass(frozen=True, slots=True)
class Events:
    """Behaviours as columns sorted by citizen: those of citizen `i` are `indptr[i]:indptr[i + 1]`.

    `occurred` counts microseconds since 1970.
    """

    indptr: Ints
    kind: NDArray[np.int16]
    occurred: Ints
    amount: Floats

    def problems(self, n: int, kinds: int) -> list[Problem]:
        """What is wrong with the columns of `n` citizens and `kinds` behaviour types, as (field, reason)."""
        found = _row_problems("events", self.indptr, n, len(self.kind))
        if not len(self.kind) == len(self.occurred) == len(self.amount):
            found.append(("events", "must have one kind, time and amount each"))
        if not _positions(self.kind, kinds):
            found.append(("kind", "must be the position of a behaviour type"))
        if not _within(self.amount, np.finfo(np.float64).min, np.finfo(np.float64).max):
            found.append(("amount", "must be finite numbers"))
        return found


@dataclass(frozen=True, slots=True)
class Ties:
    """Directed ties sorted by citizen: row `i`, `indptr[i]:indptr[i + 1]`, lists the citizens who count for `i`.

    `other` is the position of a citizen, `role` the position in ROLES of what they are to `i`. Rows are sorted by
    `other`, so that several ties to one person stand side by side: the strongest of them counts alone.

    `since` is the first full minute since 1970 at which each tie held, and LONG_AGO where that is not known; None says
    so of all. Who takes ties for solving takes them as they weigh at one moment, see `at`.
    """

    indptr: Ints
    other: NDArray[np.int32]
    role: NDArray[np.int8]
    strength: NDArray[np.float32]
    since: NDArray[np.int32] | None = None

    @classmethod
    def nobody(cls, n: int) -> Self:
        """No ties among `n` citizens."""
        return cls(np.zeros(n + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0, np.float32))

    def at(self, as_of: int, influence: Influence) -> "TiesAt":
        """The ties as they weigh at `as_of`, in microseconds since 1970: those that still wait have strength 0.

        A tie is as old as it is at that moment, and what began later has age 0, like a behaviour.
        """
        counts, strength = self.are_held(as_of, influence.tie_wait), self.strength
        if not counts.all():
            strength = np.where(counts, strength, np.float32(0))
        return TiesAt(self.indptr, self.other, self.role, strength, self.since)

    def are_held(self, as_of: int, days: float) -> Mask:
        """Which ties are so many days old at `as_of`, in microseconds since 1970; those of unknown age are."""
        if self.since is None or days == 0:
            return np.ones(len(self.other), bool)
        return self.since <= latest_minute(as_of, days)

    def problems(self, n: int) -> list[Problem]:
        """What is wrong with the ties of `n` citizens, as (field, reason); empty if nothing is."""
        found = _row_problems("ties", self.indptr, n, len(self.other))
        if self.since is not None and not isinstance(self, TiesAt):
            found.append(("since", "must have been compared with a moment, by `Ties.at`"))
        if not len(self.other) == len(self.role) == len(self.strength):
            found.append(("ties", "must have one other, role and strength each"))
        if not _positions(self.other, n):
            found.append(("other", "must be the position of a citizen"))
        if not _positions(self.role, len(ROLES)):
            found.append(("role", "must be the position of a role"))
        if not _weights(self.strength):
            found.append(("strength", f"must be numbers from 0 to {LARGEST_WEIGHT:g}"))
        return found


class TiesAt(Ties):
    """Ties as they weigh at one moment, see `Ties.at`."""

    __slots__ = ()


def latest_minute(as_of: int, wait_days: float) -> int:
    """The latest minute since 1970 in which a tie can have begun that is `wait_days` days old at `as_of`."""
    return max(math.floor((as_of - wait_days * MICROSECONDS_PER_DAY) / MICROSECONDS_PER_MINUTE), LONG_AGO)


def full_minutes(moments: Ints) -> NDArray[np.int32]:
    """The first full minute since 1970 at each of these moments, in microseconds since 1970, or after it."""
    minutes = -(-np.asarray(moments, np.int64) // MICROSECONDS_PER_MINUTE)
    return np.clip(minutes, LONG_AGO, np.iinfo(np.int32).max).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Population:
    """N citizens with their behaviours and ties. `eligible` are those with a consent who have not left."""

    events: Events
    ties: Ties
    eligible: Mask

    def __len__(self) -> int:
        return len(self.eligible)

    def problems(self, kinds: int) -> list[Problem]:
        """What is wrong with the columns, given `kinds` behaviour types, as (field, reason); empty if nothing is."""
        return self.events.problems(len(self), kinds)


@dataclass(frozen=True, slots=True)
class Own:
    """Own scores in points (NaN for the unscored), who is scored, and how many behaviours of each citizen counted."""

    score: Floats
    scored: Mask
    counted: Ints


@dataclass(frozen=True, slots=True)
class Solution:
    """Scores of all citizens and their parts, in points; NaN for the unscored.

    Each score is computed from `phi`, the φ that each citizen has radiated (0 for the unscored). The φ of no score
    differs from it by more than `residual`. `error_bound` is certified: no score differs from the exact one by more
    than this many points. `pushes` counts the directed ties along which a φ was sent, in `rounds` rounds.
    """

    score: Floats
    drag: Floats
    lift: Floats
    phi: Floats
    cap: float
    residual: float
    error_bound: float
    pushes: int
    rounds: int

    @property
    def network(self) -> Floats:
        """The network effect on every citizen."""
        return self.network_of(slice(None))

    def network_of(self, which: NDArray[Any] | slice) -> Floats:
        """The network effect on the citizens that a mask or positions select."""
        effect: Floats = np.clip(self.drag[which] + self.lift[which], -self.cap, self.cap)
        return effect


def published(score: Floats) -> NDArray[np.int16]:
    """Scores as they are published, rounded half up; -1 for the unscored."""
    return np.where(np.isnan(score), UNSCORED, np.floor(np.nan_to_num(score) + 0.5)).astype(np.int16)


def _within(values: NDArray[Any], low: float, high: float) -> bool:
    """Whether all values are from `low` to `high`; NaN is not."""
    return len(values) == 0 or bool(low <= values.min() and values.max() <= high)


def _positions(values: NDArray[Any], n: int) -> bool:
    """Whether all values are from 0 to n − 1, in one comparison each: a negative number is large when unsigned."""
    return len(values) == 0 or bool(values.view(f"u{values.dtype.itemsize}").max() < n)


def _weights(values: NDArray[Any]) -> bool:
    """Whether all values are from 0 to LARGEST_WEIGHT, in one comparison each: their bits sort before all others."""
    bits = f"u{values.dtype.itemsize}"
    return bool(values.view(bits).max(initial=0) <= np.array(LARGEST_WEIGHT, values.dtype).view(bits))


def _row_problems(name: str, indptr: Ints, n: int, entries: int) -> list[Problem]:
    if len(indptr) != n + 1 or indptr[0] != 0 or indptr[-1] != entries or (indptr[1:] < indptr[:-1]).any():
        return [(name, f"must be split into rows for {n} citizens")]
    return []


def _range_problems(floor: float, ceiling: float) -> list[Problem]:
    if not (math.isfinite(floor) and math.isfinite(ceiling) and floor <= ceiling):
        return [("floor", "must be finite and not above the ceiling")]
    return []
