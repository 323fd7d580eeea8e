"""When sweeps end, and how strongly the next one is accelerated, by Chebyshev's semi-iterative method.

Source: G. H. Golub and R. S. Varga, Chebyshev semi-iterative methods, Numerische Mathematik 3 (1961).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

# An accelerated residual may rise for some sweeps where a limit begins or ceases to bind. After this many without a
# new least residual, acceleration is given up; after as many plain sweeps without one, the solve is.
PATIENCE_SWEEPS = 8
# After this many sweeps, their rate is that of the slowest component.
SETTLING_SWEEPS = 4

CONTINUES, SETTLED, SPARSE, STALLED = range(4)

# What the threads share about the sweeps. `factor` extrapolates the next sweep; `contraction` estimates by what factor
# a plain sweep brings a difference down; `stalled_sweeps` counts those since the least residual; `passes` and
# `outcome` are the result.
PLAN = np.dtype(
    [
        ("factor", np.float64),
        ("contraction", np.float64),
        ("residual", np.float64),
        ("residual_before", np.float64),
        ("least_residual", np.float64),
        ("stalled_sweeps", np.int64),
        ("is_plain", np.int64),
        ("passes", np.int64),
        ("outcome", np.int64),
    ]
)


class Limits(NamedTuple):
    """What ends the sweeps: a tolerance of φ in points, a number of pending directed ties, a number of rounds."""

    phi_tolerance: np.floating
    push_limit: int
    most_rounds: int


@njit(cache=True, inline="always")
def steepness(score, parameters):  # type: ignore[no-untyped-def]
    """The slope of φ at a score."""
    # Products instead of branches: on which side of a threshold a score is cannot be predicted.
    return parameters.drag * (score < parameters.theta_drag) + parameters.lift * (score > parameters.theta_lift)


@njit(cache=True, nogil=True)
def plan_next_pass(number, results, parameters, limits, plan):  # type: ignore[no-untyped-def]
    """Sets the plan for the pass after `number` and returns True, or sets the outcome and returns False."""
    now = plan[0]
    residual, pending_ties, steepest = 0.0, 0.0, max(parameters.drag, parameters.lift)
    for s in range(len(results.residual)):
        residual, pending_ties = max(residual, results.residual[s]), pending_ties + results.pending_ties[s]
    now.passes = number
    now.outcome = _outcome(number, residual, pending_ties, steepest, limits, now)
    if now.outcome != CONTINUES:
        return False
    now.stalled_sweeps = 0 if residual < now.least_residual else now.stalled_sweeps + 1
    now.least_residual = min(now.least_residual, residual)
    if now.stalled_sweeps == PATIENCE_SWEEPS:
        now.is_plain, now.stalled_sweeps, now.least_residual = 1, 0, np.inf
    if number >= SETTLING_SWEEPS:
        observed = _observed_contraction(math.sqrt(residual / now.residual_before), now.contraction)
        now.contraction = max(now.contraction, min(observed, steepest))
    now.residual_before = now.residual
    now.residual = residual
    excess = now.contraction * now.contraction * now.factor / (2.0 if number == 0 else 4.0)
    now.factor = 1.0 if now.is_plain else 1.0 / (1.0 - excess)
    return True


@njit(cache=True, nogil=True)
def _outcome(number, residual, pending_ties, steepest, limits, plan):  # type: ignore[no-untyped-def]
    # The next sweep is expected to gain as much as the worse of the last two.
    rate = max(residual / plan.residual, plan.residual / plan.residual_before) if number > 1 else 1.0
    if residual == 0.0:
        return SETTLED if number > 0 else STALLED
    if rate < 1.0 and residual * rate * steepest <= limits.phi_tolerance:
        return SETTLED
    if pending_ties <= limits.push_limit:
        return SPARSE
    is_stalled = residual >= plan.least_residual and plan.stalled_sweeps + 1 == PATIENCE_SWEEPS
    return STALLED if number >= limits.most_rounds or (plan.is_plain and is_stalled) else CONTINUES


@njit(cache=True, nogil=True)
def _observed_contraction(rate, contraction):  # type: ignore[no-untyped-def]
    """The contraction of plain sweeps at which sweeps accelerated for `contraction` would reach this `rate`."""
    scaled = rate * (1.0 + math.sqrt(1.0 - contraction * contraction))
    return (scaled * scaled + contraction * contraction) / (2.0 * scaled) if scaled > contraction else contraction
