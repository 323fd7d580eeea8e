"""The pass with which a solve ends: the scores that follow from φ, and how far that φ is from the φ of the scores."""

from typing import NamedTuple

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats, Mask
from scoring.engine.kernels.phi import Parameters, Phi, phi_of, score_of
from scoring.engine.kernels.threads import (
    BLOCK_ROWS,
    claim_slice,
    close_queue,
    finish_slice,
    prefetch_ahead,
    run_in_threads,
)
from scoring.engine.kernels.weights import TieWeights


class Scores(NamedTuple):
    """The columns of a `Solution`, in points."""

    score: Floats
    drag: Floats
    lift: Floats
    phi: Floats


class Radiated(NamedTuple):
    """What the scores follow from: own scores, the φ that each citizen has radiated, and k0 + Σ m of each row."""

    own: Floats
    phi: Phi
    total: Floats


def certified_scores(
    own: Floats, scored: Mask, phi: Phi, weights: TieWeights, parameters: Parameters
) -> tuple[Scores, float]:
    """Returns the scores that follow from `phi`, and the residual max |φ(s_j) − phi_j|, without rounding."""
    columns = Scores(*np.empty((4, len(own))))
    residuals = np.zeros(len(weights.edges) - 1)
    radiated = Radiated(own, phi, weights.total)
    run_in_threads(_certify, weights.edges, weights.ties, radiated, scored, parameters, columns, residuals)
    return columns, float(residuals.max())


@njit(cache=True, nogil=True)
def _certify(queue, ties, radiated, scored, parameters, columns, residuals):  # type: ignore[no-untyped-def]
    """Fills `columns`, and `residuals` with the largest residual of each slice."""
    number, s = claim_slice(queue)
    while number >= 0:
        residual = 0.0
        for first in range(queue.edges[s], queue.edges[s + 1], BLOCK_ROWS):
            last = min(first + BLOCK_ROWS, queue.edges[s + 1])
            block = Scores(
                columns.score[first:last], columns.drag[first:last], columns.lift[first:last], columns.phi[first:last]
            )
            _sum_parts(ties.indptr[first : last + 1], ties, radiated.phi, block.drag, block.lift)
            here = Radiated(radiated.own[first:last], radiated.phi[first:last], radiated.total[first:last])
            residual = max(residual, _conclude(here, parameters, block))
            _clear_unscored(scored[first:last], block)
        residuals[s] = residual
        if finish_slice(queue):
            close_queue(queue)
        number, s = claim_slice(queue)


@njit(cache=True, nogil=True)
def _sum_parts(indptr, ties, phi, drag, lift):  # type: ignore[no-untyped-def]
    """Sets `drag` and `lift` to twice the sum of all negative, or positive, parts of each row's Σ m · φ."""
    other, m = ties.other, ties.m
    for i in range(len(drag)):
        sum_i, sum_of_sizes = 0.0, 0.0
        for e in range(indptr[i], indptr[i + 1]):
            prefetch_ahead(phi, other, e)
            part = m[e] * phi[other[e]]
            sum_i += part
            sum_of_sizes += abs(part)
        drag[i], lift[i] = sum_i - sum_of_sizes, sum_i + sum_of_sizes


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _conclude(radiated, parameters, columns):  # type: ignore[no-untyped-def]
    """Completes a block and returns its residual. Each loop is one that the compiler computes several rows at once."""
    own, phi_radiated, total = radiated
    score, drag, lift, phi = columns
    residual = 0.0
    for i in range(len(own)):
        half = 0.5 / total[i]
        drag[i], lift[i], phi[i] = drag[i] * half, lift[i] * half, phi_radiated[i]
    for i in range(len(own)):
        score[i] = score_of(own[i], drag[i] + lift[i], parameters)
    for i in range(len(own)):
        residual = max(residual, abs(phi_of(score[i], parameters) - phi_radiated[i]))
    return residual


@njit(cache=True, nogil=True)
def _clear_unscored(scored, columns):  # type: ignore[no-untyped-def]
    """Sets the numbers of the unscored to NaN, and their φ to 0."""
    score, drag, lift, phi = columns
    for i in range(len(scored)):
        if not scored[i]:
            score[i] = drag[i] = lift[i] = np.nan
            phi[i] = 0.0
