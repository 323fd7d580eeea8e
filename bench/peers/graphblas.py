"""Whole sweeps in SuiteSparse:GraphBLAS: φ by apply, Σ m·φ by plus-times, clipping by min and max."""

import importlib.metadata

import graphblas as gb
import numpy as np
from graphblas import binary, monoid, semiring, unary

from bench.cases import Case
from bench.peers.peer import Answer, Peer, bound_of, is_enough
from bench.peers.scipy import everybody, weights
from scoring.engine.kernels.threads import processors
from scoring.engine.model import Influence

gb.ss.config["nthreads"] = processors()

Prepared = tuple[gb.Matrix, gb.Vector, gb.Vector]


def prepared(case: Case) -> Prepared:
    """m by rows, k0 + its row sums, own scores; all vectors full, which is what it is fastest with."""
    n = len(case)
    columns = {"indptr": case.ties.indptr.astype(np.uint64), "col_indices": case.ties.other.astype(np.uint64)}
    values = {"values": weights(case), "sorted_cols": True, "take_ownership": True}
    matrix = gb.Matrix.ss.import_csr(nrows=n, ncols=n, **columns, **values)
    heavy = matrix.mxv(gb.Vector.from_scalar(1.0, n), semiring.plus_times).new().to_dense(0.0)
    own, total = everybody(case, heavy)
    return matrix, gb.Vector.from_dense(total), gb.Vector.from_dense(own)


def phi_of(score: gb.Vector, by: Influence) -> gb.Vector:
    below = score.apply(binary.minus, right=by.theta_drag).new()
    below << below.apply(binary.min, right=0.0)
    below << below.apply(binary.times, right=by.drag)
    above = score.apply(binary.minus, right=by.theta_lift).new()
    above << above.apply(binary.max, right=0.0)
    above << above.apply(binary.times, right=by.lift)
    above << above.ewise_mult(below, binary.plus)
    return above


def clipped(vector: gb.Vector, low: float, high: float) -> None:
    vector << vector.apply(binary.max, right=low)
    vector << vector.apply(binary.min, right=high)


def swept(case: Case, parts: Prepared) -> Answer:
    matrix, total, own = parts
    by = case.influence
    score, sweeps = own, 0
    pull = gb.Vector.from_scalar(0.0, len(case))
    while True:
        # Written over in full: rows without ties would otherwise lose their entry.
        pull(binary.second) << matrix.mxv(phi_of(score, by), semiring.plus_times)
        pull << pull.ewise_mult(total, binary.truediv)
        clipped(pull, -by.cap, by.cap)
        after = own.ewise_mult(pull, binary.plus).new()
        clipped(after, by.floor, by.ceiling)
        moved = after.ewise_mult(score, binary.minus).new()
        moved << moved.apply(unary.abs)
        residual = float(moved.reduce(monoid.max).value)
        score, sweeps = after, sweeps + 1
        if is_enough(residual, by):
            return Answer(np.where(case.scored, score.to_dense(), np.nan), sweeps, bound_of(residual, by))


PEER = Peer("GraphBLAS", lambda: importlib.metadata.version("suitesparse-graphblas"), prepared, swept)
