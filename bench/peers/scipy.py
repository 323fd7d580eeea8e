"""Whole sweeps with scipy's sparse matrix in compressed rows."""

from typing import Any

import numpy as np
import scipy
from scipy import sparse

from bench.cases import Case
from bench.peers.peer import Answer, Peer, bound_of, is_enough
from scoring.engine.arrays import Floats
from scoring.engine.phi import drag_and_lift

Prepared = tuple[Any, Floats, Floats]


def weights(case: Case) -> Floats:
    """m of every tie, 0 where the other is unscored."""
    m = case.ties.strength * case.influence.weight[case.ties.role]
    m *= case.scored[case.ties.other]
    return m


def everybody(case: Case, heavy: Floats) -> tuple[Floats, Floats]:
    """Own scores, and k0 + Σ m; the unscored get numbers that keep them still, so that no sweep has to look."""
    own = np.where(case.scored, case.own, case.influence.theta_drag)
    return own, np.where(case.scored & (heavy > 0), case.influence.k0 + heavy, np.inf)


def prepared(case: Case) -> Prepared:
    """m as a matrix, k0 + its row sums, own scores."""
    small = len(case.ties.other) <= np.iinfo(np.int32).max
    indptr = case.ties.indptr.astype(np.int32) if small else case.ties.indptr
    matrix: Any = sparse.csr_array((weights(case), case.ties.other, indptr), shape=(len(case), len(case)))
    own, total = everybody(case, matrix @ np.ones(len(case)))
    return matrix, total, own


def swept(case: Case, parts: Prepared) -> Answer:
    matrix, total, own = parts
    by = case.influence
    score, sweeps = own, 0
    while True:
        pull = matrix @ np.add(*drag_and_lift(score, by))
        pull /= total
        after = own + pull.clip(-by.cap, by.cap, out=pull)
        after.clip(by.floor, by.ceiling, out=after)
        residual = np.abs(after - score).max()
        score, sweeps = after, sweeps + 1
        if is_enough(residual, by):
            return Answer(np.where(case.scored, score, np.nan), sweeps, bound_of(residual, by))


PEER = Peer("scipy", lambda: scipy.__version__, prepared, swept, most=20_000_000)
