"""Sweeps over all citizens, accelerated by Chebyshev's method, for when many still have a φ to radiate."""

from typing import NamedTuple

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats
from scoring.engine.kernels import acceleration
from scoring.engine.kernels.acceleration import PLAN, Limits, plan_next_pass, steepness
from scoring.engine.kernels.phi import Parameters, Phi, phi_of, score_of
from scoring.engine.kernels.sums import sum_rows, sum_rows_by_four
from scoring.engine.kernels.threads import (
    BLOCK_ROWS,
    claim_slice,
    close_queue,
    finish_slice,
    open_pass,
    run_in_threads,
)
from scoring.engine.kernels.weights import TieWeights

# Up to this many citizens, all φ are in near caches, and rows are summed faster by four running sums at a time.
FOUR_SUMS_CITIZENS = 100_000


class Start(NamedTuple):
    """What sweeps begin from, one entry per citizen, in points: `received` is Σ m · φ of the first scores."""

    own: Floats
    total: Floats
    received: Floats
    score: Floats
    phi: Phi


class State(NamedTuple):
    """What sweeps compute, in their precision. `share` is 1 / total.

    `scores` and `phi` have two rows: a pass reads one and writes the other, and the next pass swaps them.
    """

    own: Phi
    share: Phi
    received: Phi
    scores: Phi
    phi: Phi


class SliceResults(NamedTuple):
    """What the slices of one pass found: the largest change of a score, and the directed ties that are pending."""

    residual: Floats
    pending_ties: Floats


def sweep(
    own: Floats,
    score: Floats,
    phi: Phi,
    received: Floats,
    weights: TieWeights,
    parameters: Parameters,
    *,
    phi_tolerance: float,
    push_limit: int,
    most_rounds: int,
) -> tuple[int, int]:
    """Sweeps from `score` on, whose φ is `phi` and whose sums Σ m · φ are `received`; returns (outcome, rounds).

    `phi` and `received` are changed in place. The outcome is one of `scoring.engine.kernels.acceleration`:

    - SETTLED: likely no φ changes by more than `phi_tolerance` points any more; `phi` is that of the last scores.
    - STALLED: the scores settle no further, or `most_rounds` were made; `phi` is that of the last scores.
    - SPARSE: the citizens whose φ would change by more have at most `push_limit` directed ties. `phi` is then the φ
      that `received` was summed from, so that pushing can continue.

    If acceleration does not converge, plain sweeps follow, which always do. All is computed in the precision of `phi`.
    """
    start = Start(own, weights.total, received, score, phi)
    state = _state(len(own), phi)
    plan = np.zeros(1, PLAN)
    plan["factor"] = 1.0
    plan["residual"] = plan["residual_before"] = plan["least_residual"] = np.inf
    plan["contraction"] = _mean_steepness(score, weights.total, weights.k0, parameters)
    results = SliceResults(*np.zeros((2, len(weights.edges) - 1)))
    limits = Limits(phi.dtype.type(phi_tolerance), push_limit, most_rounds)
    # All numbers are in one precision: to convert between two takes longer than to compute.
    arguments = (start, state, parameters.in_precision(phi.dtype), limits, plan, results)
    by_four = len(own) <= FOUR_SUMS_CITIZENS
    run_in_threads(_sweep, weights.edges, weights.ties, weights.longest_block, by_four, *arguments)
    passes, outcome = int(plan["passes"][0]), int(plan["outcome"][0])
    phi[:] = state.phi[(passes if outcome == acceleration.SPARSE else ~passes) & 1]
    received[:] = state.received
    return outcome, passes


def _state(n: int, phi: Phi) -> State:
    one, two = n, (2, n)
    return State(*(np.empty(shape, phi.dtype) for shape in (one, one, one, two, two)))


@njit(cache=True, nogil=True)
def _mean_steepness(score, total, k0, parameters):  # type: ignore[no-untyped-def]
    """Estimates by what factor one sweep brings a difference of scores down.

    That is the slope of φ at each score, weighed by ties, times the share of a row that is not the constant k0: at
    most max(drag, lift), and usually far less. A wrong estimate costs sweeps, and nothing else.
    """
    sum_slopes, sum_total = 0.0, 0.0
    for i in range(len(score)):
        total_i = total[i] if total[i] < np.inf else k0
        sum_slopes += (total_i - k0) * steepness(score[i], parameters)
        sum_total += total_i
    return sum_slopes / sum_total if sum_total > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _sweep(  # type: ignore[no-untyped-def]
    queue, ties, longest_block, by_four, start, state, parameters, limits, plan, results
):
    """The work of one thread. Pass 0 reads no tie, because what is received at the start is already known."""
    own, share, received, scores, phi = state
    score, running = np.empty(BLOCK_ROWS, own.dtype), np.empty(longest_block + 1)
    number, s = claim_slice(queue)
    while number >= 0:
        now, before, phi_now, phi_next = scores[number & 1], scores[~number & 1], phi[number & 1], phi[~number & 1]
        residual, pending_ties = own.dtype.type(0), 0
        factor = own.dtype.type(plan[0].factor if number > 0 else np.inf)
        for first in range(queue.edges[s], queue.edges[s + 1], BLOCK_ROWS):
            last = min(first + BLOCK_ROWS, queue.edges[s + 1])
            indptr, received_here = ties.indptr[first : last + 1], received[first:last]
            if number == 0:
                _copy_start(first, last, start, state)
            elif by_four:
                sum_rows_by_four(indptr, ties, phi_now, received_here, running)
            else:
                sum_rows(indptr, ties, phi_now, received_here, running)
            _compute_scores(own[first:last], received_here, share[first:last], parameters, score)
            residual = max(residual, _largest_change(score, now[first:last]))
            pending_ties += _pending_ties(score, phi_now[first:last], indptr, parameters, limits.phi_tolerance)
            _accelerate(score, before[first:last], phi_next[first:last], parameters, factor)
        results.residual[s], results.pending_ties[s] = residual, pending_ties
        if finish_slice(queue):
            if plan_next_pass(number, results, parameters, limits, plan):
                open_pass(queue)
            else:
                close_queue(queue)
        number, s = claim_slice(queue)


@njit(cache=True, nogil=True)
def _copy_start(first, last, start, state):  # type: ignore[no-untyped-def]
    """Copies some rows of the start in the precision of the sweeps."""
    for i in range(first, last):
        state.own[i], state.share[i], state.received[i] = start.own[i], 1.0 / start.total[i], start.received[i]
        state.scores[0, i], state.phi[0, i] = start.score[i], start.phi[i]


# The compiler turns each of the following loops into one that computes several rows at once. That works only from
# index 0 on, since it does not where an index may be negative.


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _compute_scores(own, received, share, parameters, score):  # type: ignore[no-untyped-def]
    for i in range(len(own)):
        score[i] = score_of(own[i], received[i] * share[i], parameters)


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _largest_change(score, now):  # type: ignore[no-untyped-def]
    residual = score.dtype.type(0)
    for i in range(len(now)):
        residual = max(residual, abs(score[i] - now[i]))
    return residual


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _pending_ties(score, phi, indptr, parameters, phi_tolerance):  # type: ignore[no-untyped-def]
    """Number of directed ties of the citizens whose φ changed by more than `phi_tolerance`."""
    count = 0
    for i in range(len(phi)):
        # A product instead of a branch, which the processor could not predict.
        count += np.int64(indptr[i + 1] - indptr[i]) * (abs(phi_of(score[i], parameters) - phi[i]) > phi_tolerance)
    return count


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _accelerate(score, before, phi, parameters, factor):  # type: ignore[no-untyped-def]
    """Replaces `before` by scores extrapolated from it through `score`, and sets their `phi`."""
    if factor < np.inf:
        for i in range(len(before)):
            score[i] = before[i] + factor * (score[i] - before[i])
    for i in range(len(before)):
        before[i] = min(max(score[i], parameters.floor), parameters.ceiling)
    for i in range(len(before)):
        phi[i] = phi_of(before[i], parameters)
