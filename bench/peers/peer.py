"""The interface of all peers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bench.cases import TOLERANCE, Case
from scoring.engine.arrays import Floats
from scoring.engine.model import Influence


class Missing(Exception):
    """The peer cannot be used here; the text is a sentence that says why."""


class Answer(NamedTuple):
    """Scores or PageRanks, the number of sweeps, and the certified bound where there is one."""

    score: Floats
    sweeps: int | None
    bound: float | None


@dataclass(frozen=True)
class Peer:
    """A library that solves cases. `prepare` converts a case to its own form and `solve` solves it; both are timed.

    `same` peers solve the same equation to the same certified bound; the others compute PageRank. `most` is the
    largest number of citizens it is asked for, `least` the smallest. One that is `slow` is asked about small
    populations only where little time is to be spent, and does not begin with a round that does not count.
    """

    name: str
    version: Callable[[], str]
    prepare: Callable[[Case], Any]
    solve: Callable[[Case, Any], Answer]
    same: bool = True
    most: int = 2_000_000
    least: int = 0
    cases: tuple[str, ...] = ("few radiate", "all radiate")
    real: bool = True
    slow: bool = False

    def takes(self, case: Case) -> bool:
        fits = self.least <= len(case) <= self.most and case.who in self.cases
        return fits and (self.real or case.graph == "drawn")


def bound_of(residual: float, influence: Influence) -> float:
    """The certified error, in points, after a sweep that changed no score by more than `residual`."""
    return float(residual) * influence.modulus / (1 - influence.modulus)


def is_enough(residual: float, influence: Influence) -> bool:
    return bound_of(residual, influence) <= TOLERANCE


# PageRank with our modulus as its damping, to our precision: 0.001 of 600 points.
RELATIVE = TOLERANCE / 600


def damping(case: Case) -> float:
    return case.influence.modulus


def pagerank_change(case: Case) -> float:
    """The change of a sweep, as a sum of absolute values, below which PageRank is precise enough."""
    return RELATIVE * (1 - damping(case)) / damping(case)


def exact_pagerank(case: Case) -> Floats:
    """PageRank to twelve digits by a plain iteration, with which the peers' answers are compared."""
    from scipy import sparse

    n, q = len(case), damping(case)
    shape = (case.ties.strength.astype(np.float64), case.ties.other, case.ties.indptr)
    tied: Any = sparse.csr_array(shape, shape=(n, n))
    heavy = tied.sum(axis=1)
    rank = np.full(n, 1 / n)
    for _ in range(int(np.log(1e-12) / np.log(q)) + 1):
        given = np.where(heavy > 0, rank / np.where(heavy > 0, heavy, 1), 0)
        rank = (1 - q + q * rank[heavy == 0].sum()) / n + q * (tied @ given)
    return rank
