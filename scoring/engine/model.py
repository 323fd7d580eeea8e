"""What the engine computes from: weights, events, ties. Arrays only, in points and days."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROLES = ("partner", "parent", "child", "sibling", "friend", "colleague", "neighbour")
FLOOR = 350.0
CEILING = 950.0

Problem = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What conduct is worth. Arrays over behaviour types `k` (length K) and dimensions `d` (length D).

    `half_life_days` and `expiry_days` are infinite where there is none. `dimension[k]` is -1 for a type without a
    rule: its events are worth nothing and still count towards `minimum_behaviours`.
    """

    points: Floats
    half_life_days: Floats
    expiry_days: Floats
    most: Floats
    dimension: Ints
    room: Floats
    base: float
    minimum_behaviours: int = 1
    floor: float = FLOOR
    ceiling: float = CEILING

    def problems(self) -> list[Problem]:
        """What is wrong, as (field, reason); empty if nothing is."""
        found: list[Problem] = []
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
        if not self.floor <= self.base <= self.ceiling:
            found.append(("base", f"must be within {self.floor:g} to {self.ceiling:g}"))
        if self.minimum_behaviours < 0:
            found.append(("minimum_behaviours", "must not be negative"))
        return found


@dataclass(frozen=True, slots=True)
class Influence:
    """How people one knows count. `weight[r]` is for role `ROLES[r]` of the other person."""

    drag: float
    lift: float
    theta_drag: float
    theta_lift: float
    cap: float
    k0: float
    weight: Floats
    floor: float = FLOOR
    ceiling: float = CEILING

    @property
    def modulus(self) -> float:
        """The factor by which one sweep brings any two score vectors closer, at least."""
        return max(self.drag, self.lift)

    def problems(self) -> list[Problem]:
        """What is wrong, as (field, reason); empty if nothing is."""
        found: list[Problem] = []
        for name in ("drag", "lift"):
            if not 0 <= getattr(self, name) < 1:
                found.append((name, "must be at least 0 and less than 1"))
        if not self.theta_drag <= self.theta_lift:
            found.append(("theta_drag", "must not be above the lift threshold"))
        for name in ("cap", "k0"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                found.append((name, "must be finite and not negative"))
        if len(self.weight) != len(ROLES) or not (np.isfinite(self.weight) & (self.weight >= 0)).all():
            found.append(("weight", "must be one finite number, not negative, for each role"))
        return found


@dataclass(frozen=True, slots=True)
class Events:
    """Behaviours as columns sorted by citizen: those of citizen `i` are `indptr[i]:indptr[i + 1]`."""

    indptr: Ints
    kind: NDArray[np.int32]
    age_days: Floats
    amount: Floats


@dataclass(frozen=True, slots=True)
class Ties:
    """Directed ties sorted by citizen: row `i` lists those who count for `i`; `role` is what they are to `i`."""

    indptr: Ints
    other: NDArray[np.int32]
    role: NDArray[np.int8]
    strength: Floats

    @classmethod
    def from_pairs(cls, n: int, a: Ints, b: Ints, role_of_b: Ints, role_of_a: Ints, strength: Floats) -> Self:
        """Both directions of E undirected pairs among `n` citizens, sorted by citizen, then other, then role."""
        one = np.concatenate([a, b]).astype(np.int64)
        other = np.concatenate([b, a]).astype(np.int32)
        role = np.concatenate([role_of_b, role_of_a]).astype(np.int8)
        order = np.lexsort((role, other, one))
        indptr = np.zeros(n + 1, np.int64)
        np.cumsum(np.bincount(one, minlength=n), out=indptr[1:])
        return cls(indptr, other[order], role[order], np.concatenate([strength, strength]).astype(np.float64)[order])


@dataclass(frozen=True, slots=True)
class Population:
    """N citizens: what they did, whom they know, and who may be scored at all (consented and not left)."""

    events: Events
    ties: Ties
    eligible: Mask

    def __len__(self) -> int:
        return len(self.eligible)


@dataclass(frozen=True, slots=True)
class Own:
    """Own scores (NaN for the unscored), who is scored, and how many behaviours of each citizen counted."""

    score: Floats
    scored: Mask
    counted: Ints


@dataclass(frozen=True, slots=True)
class Solution:
    """Scores of everybody (NaN for the unscored). `network = clip(drag + lift, -cap, cap)`.

    `error_bound` is certified: no score is further than this many points from the exact one.
    """

    score: Floats
    drag: Floats
    lift: Floats
    network: Floats
    residual: float
    error_bound: float
    pushes: int
    rounds: int


def published(score: Floats) -> NDArray[np.int16]:
    """Scores as people see them, rounded half up; -1 for the unscored."""
    return np.where(np.isnan(score), -1, np.floor(np.nan_to_num(score) + 0.5)).astype(np.int16)
