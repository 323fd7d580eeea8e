"""φ, what a score gives to those who know its citizen, in compiled code."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.model import Floats, Influence

Told = NDArray[np.floating[Any]]


def shape_of(influence: Influence) -> Floats:
    """The numbers that compiled code needs, in the order in which it reads them."""
    return np.array(
        [
            influence.drag,
            influence.lift,
            influence.theta_drag,
            influence.theta_lift,
            influence.cap,
            influence.floor,
            influence.ceiling,
        ]
    )


@njit(cache=True, inline="always")
def phi_of(score, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """φ(s) = −drag · max(0, θ_drag − s) + lift · max(0, s − θ_lift), in points."""
    return -shape[0] * max(0.0, shape[2] - score) + shape[1] * max(0.0, score - shape[3])


@njit(cache=True, inline="always")
def score_of(own, felt, total, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """s = clip(o + clip(Σ m·φ / total, −cap, +cap), floor, ceiling), in points."""
    network = felt / total if total > 0.0 else 0.0
    return min(max(own + min(max(network, -shape[4]), shape[4]), shape[5]), shape[6])


@njit(cache=True, nogil=True)
def scores_of(own, felt, total, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """`score_of` for everybody; for the unscored it says nothing."""
    score = np.empty(len(own), np.float64)
    for i in range(len(own)):
        score[i] = score_of(own[i], felt[i], total[i], shape)
    return score


@njit(cache=True, nogil=True)
def tell(score, scored, shape, told):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Sets `told` to everybody's φ, 0 for the unscored."""
    for j in range(len(told)):
        told[j] = phi_of(score[j], shape) if scored[j] else 0.0
