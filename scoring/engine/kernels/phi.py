"""φ, the points that a score gives to the citizens tied to its citizen, and the score that follows from them."""

from typing import Any, NamedTuple, cast

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from scoring.engine.model import Influence

Phi = NDArray[Any]


class Parameters(NamedTuple):
    """The numbers of `Influence` that φ and the limits of a score depend on, in points but for `drag` and `lift`.

    They are passed by value, because compiled code would read the entries of an array again for every row.
    """

    drag: float
    lift: float
    theta_drag: float
    theta_lift: float
    cap: float
    floor: float
    ceiling: float

    def in_precision(self, precision: DTypeLike) -> "Parameters":
        """The same numbers as scalars of a NumPy type."""
        return Parameters(*map(cast(Any, np.dtype(precision).type), self))


def parameters_of(influence: Influence) -> Parameters:
    """The parameters in double precision."""
    return Parameters(
        drag=float(influence.drag),
        lift=float(influence.lift),
        theta_drag=float(influence.theta_drag),
        theta_lift=float(influence.theta_lift),
        cap=float(influence.cap),
        floor=float(influence.floor),
        ceiling=float(influence.ceiling),
    )


@njit(cache=True, inline="always")
def phi_of(score, parameters):  # type: ignore[no-untyped-def]
    """φ(s) = −drag · max(0, θ_drag − s) + lift · max(0, s − θ_lift), in points."""
    # Written without a constant, which would turn single precision into double.
    below = min(score, parameters.theta_drag) - parameters.theta_drag
    above = max(score, parameters.theta_lift) - parameters.theta_lift
    return parameters.drag * below + parameters.lift * above


@njit(cache=True, inline="always")
def score_of(own, network, parameters):  # type: ignore[no-untyped-def]
    """s = clip(o + clip(N, −cap, +cap), floor, ceiling), in points."""
    capped = min(max(network, -parameters.cap), parameters.cap)
    return min(max(own + capped, parameters.floor), parameters.ceiling)


@njit(cache=True, nogil=True)
def fill_phi(score, scored, parameters, phi):  # type: ignore[no-untyped-def]
    """Sets `phi` to φ of every score, and to −0 for the unscored, which adds nothing and yet marks them."""
    for j in range(len(phi)):
        within = min(max(score[j], parameters.floor), parameters.ceiling)
        phi[j] = phi_of(within, parameters) if scored[j] else -0.0
