"""φ, what a score gives to those who know its citizen, in compiled code."""

from typing import Any

from numba import njit
from numpy.typing import NDArray

from scoring.engine.model import Influence

Told = NDArray[Any]
# drag, lift, θ_drag, θ_lift, cap, floor, ceiling: by value, since compiled code must read an array again and again.
Shape = tuple[float, float, float, float, float, float, float]


def shape_of(by: Influence) -> Shape:
    """The numbers that compiled code needs."""
    numbers = by.drag, by.lift, by.theta_drag, by.theta_lift, by.cap, by.floor, by.ceiling
    return tuple(map(float, numbers))  # type: ignore[return-value]


@njit(cache=True, inline="always")
def phi_of(score, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """φ(s) = −drag · max(0, θ_drag − s) + lift · max(0, s − θ_lift), in points."""
    # Without a constant, which would make single precision double.
    return shape[0] * (min(score, shape[2]) - shape[2]) + shape[1] * (max(score, shape[3]) - shape[3])


@njit(cache=True, inline="always")
def score_of(own, felt, total, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """s = clip(o + clip(Σ m·φ / total, −cap, +cap), floor, ceiling), in points; `total` is not 0."""
    return min(max(own + min(max(felt / total, -shape[4]), shape[4]), shape[5]), shape[6])


@njit(cache=True, nogil=True)
def tell(score, scored, shape, told):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Sets `told` to everybody's φ; that of the unscored to −0, which adds nothing and yet tells them apart."""
    for j in range(len(told)):
        told[j] = phi_of(min(max(score[j], shape[5]), shape[6]), shape) if scored[j] else -0.0
