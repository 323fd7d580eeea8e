"""Sweeping over everybody, where many have something new to tell: Chebyshev's acceleration of s ← T(s)."""

import math

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats
from scoring.engine.kernels.counting import Counting
from scoring.engine.kernels.phi import Shape, Told, phi_of
from scoring.engine.kernels.threads import BLOCK, drawn, go_on, handed_in, look_ahead, together

# Up to so many citizens, their φ is near enough for four sums at a time, which then wait for each other no longer.
NEAR = 100_000
# An accelerated residual may rise for a while where a limit begins or ceases to bind.
PATIENCE = 8
# After so many sweeps their pace is that of what is slowest to settle.
SEEN = 4
# What the threads know together, beside the scores.
FACTOR, PACE, RESIDUAL, BEFORE, LEAST, IN_VAIN, PLAIN, PASSES, OUTCOME = range(9)
# How it ends.
GOING_ON, SETTLED, FEW, STUCK = range(4)


def swept(
    own: Floats, score: Floats, told: Told, felt: Floats, counting: Counting, shape: Shape, *,
    quiet: float, few: int, most_rounds: int,
) -> tuple[int, int]:  # fmt: skip
    """(outcome, rounds) of sweeps from `score` on, whose φ is `told` and of which `felt` has come.

    `SETTLED`: likely nobody's φ moves by more than `quiet` points any more. `STUCK`: they settle no further. `told` is
    then what everybody would tell next. `FEW`: but few directed ties are of such as would tell anything new. `told` is
    then what they have told, and `felt` what has come of it. Both are changed in place.

    Should acceleration lead nowhere, plain sweeps go on, which cannot fail. In the precision of what is told.
    """
    # All in one precision: to convert between two takes longer than to compute.
    one, n = told.dtype.type, len(own)
    alone, share, heard, scores, phi = (np.empty(shape, one) for shape in (n, n, n, (2, n), (2, n)))
    plan = np.zeros(OUTCOME + 1)
    plan[[FACTOR, RESIDUAL, BEFORE, LEAST]] = 1.0, np.inf, np.inf, np.inf
    plan[PACE] = _pace(score, counting.total, counting.k0, shape)
    found = np.zeros((2, len(counting.edges) - 1))
    given, state = (own, counting.total, felt, score, told), (alone, share, heard, scores, phi)
    limits = (one(quiet), few, most_rounds)
    ties = (*counting.rows, counting.longest, n <= NEAR)
    together(_sweep, counting.edges, *ties, given, state, tuple(map(one, shape)), limits, plan, found)
    passes, outcome = int(plan[PASSES]), int(plan[OUTCOME])
    told[:], felt[:] = phi[(passes if outcome == FEW else ~passes) & 1], heard
    return outcome, passes


@njit(cache=True, nogil=True)
def _pace(score, total, k0, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """By about how much a sweep will bring a difference down.

    That is how steep φ is at each score, weighed by ties, times the share of the rows that is not the shield's: at most
    max(drag, lift), and mostly far less. A wrong guess costs sweeps, nothing else.
    """
    steep, whole = 0.0, 0.0
    for i in range(len(score)):
        # Products, not branches: on which side of a threshold somebody is cannot be foreseen.
        known = total[i] if total[i] < np.inf else k0
        steep += (known - k0) * (shape[0] * (score[i] < shape[2]) + shape[1] * (score[i] > shape[3]))
        whole += known
    return steep / whole if whole > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _sweep(  # type: ignore[no-untyped-def]  # pragma: no cover
    desk, edges, indptr, other, m, longest, near, given, state, shape, limits, plan, found
):
    """The passes of one thread. Pass 0 computes no tie: what is felt at the start has been computed before."""
    own, share, felt, scores, phi = state
    result, running = np.empty(BLOCK, own.dtype), np.empty(longest + 1)
    number, s = drawn(desk, edges)
    while number >= 0:
        now, before, told, after = scores[number & 1], scores[~number & 1], phi[number & 1], phi[~number & 1]
        residual, reach, factor = own.dtype.type(0), 0, own.dtype.type(plan[FACTOR] if number > 0 else np.inf)
        for first in range(edges[s], edges[s + 1], BLOCK):
            last = min(first + BLOCK, edges[s + 1])
            ends, heard = indptr[first : last + 1], felt[first:last]
            if number == 0:
                _begin(first, last, given, state)
            elif near:
                _pull_four(ends, other, m, told, heard, running)
            else:
                _pull(ends, other, m, told, heard, running)
            _follow_from(own[first:last], heard, share[first:last], shape, result)
            here = _news(result, now[first:last], told[first:last], ends, shape, limits[0])
            residual, reach = max(residual, here[0]), reach + here[1]
            _accelerate(result, before[first:last], after[first:last], shape, factor)
        found[0, s], found[1, s] = residual, reach
        if handed_in(desk, edges):
            go_on(desk, _is_last(number, found, shape, limits, plan))
        number, s = drawn(desk, edges)


@njit(cache=True, nogil=True)
def _begin(first, last, given, state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Some rows of what was given, in the precision of the sweeps."""
    own, total, felt, score, told = given
    alone, share, heard, scores, phi = state
    for i in range(first, last):
        alone[i], share[i], heard[i], scores[0, i], phi[0, i] = own[i], 1.0 / total[i], felt[i], score[i], told[i]


@njit(cache=True, nogil=True)
def _pull(ends, other, m, told, felt, running):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Σ m · told of each row, as a difference of running sums: where a row ends cannot be foreseen."""
    start, stop, total = ends[0], ends[len(felt)], 0.0
    for e in range(start, stop):
        look_ahead(told, other, e)
        running[e - start] = total
        total += m[e] * told[other[e]]
    running[stop - start] = total
    for i in range(len(felt)):
        felt[i] = running[ends[i + 1] - start] - running[ends[i] - start]


@njit(cache=True, nogil=True)
def _pull_four(ends, other, m, told, felt, running):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The same, by four running sums: of each quarter of the entries, which are then one after the other."""
    start, size = ends[0], ends[len(felt)] - ends[0]
    second = size // np.uint64(4)
    third, fourth = second + second, second + second + second
    m, other = m[start : start + size], other[start : start + size]
    sum_1 = sum_2 = sum_3 = sum_4 = 0.0
    for e in range(second):
        running[e], running[e + second], running[e + third], running[e + fourth] = sum_1, sum_2, sum_3, sum_4
        sum_1 += m[e] * told[other[e]]
        sum_2 += m[e + second] * told[other[e + second]]
        sum_3 += m[e + third] * told[other[e + third]]
        sum_4 += m[e + fourth] * told[other[e + fourth]]
    for e in range(fourth + second, size):
        running[e] = sum_4
        sum_4 += m[e] * told[other[e]]
    running[size] = sum_4
    sum_2 += sum_1
    sum_3 += sum_2
    before = 0.0
    for i in range(len(felt)):
        end = ends[i + 1] - start
        come = running[end] + (sum_3 if end >= fourth else sum_2 if end >= third else sum_1 if end >= second else 0.0)
        felt[i], before = come - before, come


# What follows are loops of their own, each of which a processor does for several rows at once: from 0 on, since it
# does not where an index may be negative.


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _follow_from(own, felt, share, shape, result):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(own)):
        network = min(max(felt[i] * share[i], -shape[4]), shape[4])
        result[i] = min(max(own[i] + network, shape[5]), shape[6])


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _news(result, now, told, ends, shape, quiet):  # type: ignore[no-untyped-def]  # pragma: no cover
    """(the largest residual, the directed ties of those whose φ moved by more than `quiet`)."""
    residual, reach = result.dtype.type(0), 0
    for i in range(len(now)):
        residual = max(residual, abs(result[i] - now[i]))
    for i in range(len(now)):
        # A product, not a branch: who moved cannot be foreseen.
        reach += np.int64(ends[i + 1] - ends[i]) * (abs(phi_of(result[i], shape) - told[i]) > quiet)
    return residual, reach


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _accelerate(result, before, after, shape, factor):  # type: ignore[no-untyped-def]  # pragma: no cover
    if factor < np.inf:
        for i in range(len(before)):
            result[i] = before[i] + factor * (result[i] - before[i])
    for i in range(len(before)):
        before[i] = min(max(result[i], shape[5]), shape[6])
    for i in range(len(before)):
        after[i] = phi_of(before[i], shape)


@njit(cache=True, nogil=True)
def _is_last(number, found, shape, limits, plan):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether no pass need follow; else the plan for the next."""
    residual, reach, steepest = 0.0, 0.0, max(shape[0], shape[1])
    for s in range(found.shape[1]):
        residual, reach = max(residual, found[0, s]), reach + found[1, s]
    plan[PASSES], plan[OUTCOME] = number, _outcome(number, residual, reach, steepest, limits, plan)
    if plan[OUTCOME] != GOING_ON:
        return True
    plan[IN_VAIN] = 0.0 if residual < plan[LEAST] else plan[IN_VAIN] + 1.0
    plan[LEAST] = min(plan[LEAST], residual)
    if plan[IN_VAIN] == PATIENCE:
        plan[PLAIN], plan[IN_VAIN], plan[LEAST] = 1.0, 0.0, np.inf
    if number >= SEEN:
        seen = _pace_seen(math.sqrt(residual / plan[BEFORE]), plan[PACE])
        plan[PACE] = max(plan[PACE], min(seen, steepest))
    plan[BEFORE], plan[RESIDUAL] = plan[RESIDUAL], residual
    slower = plan[PACE] * plan[PACE] * plan[FACTOR] / (2.0 if number == 0 else 4.0)
    plan[FACTOR] = 1.0 if plan[PLAIN] else 1.0 / (1.0 - slower)
    return False


@njit(cache=True, nogil=True)
def _outcome(number, residual, reach, steepest, limits, plan):  # type: ignore[no-untyped-def]  # pragma: no cover
    quiet, few, most_rounds = limits
    # What the next sweep brings: as much as the worse of the last two.
    pace = max(residual / plan[RESIDUAL], plan[RESIDUAL] / plan[BEFORE]) if number > 1 else 1.0
    if residual == 0.0:
        return SETTLED if number > 0 else STUCK
    if pace < 1.0 and residual * pace * steepest <= quiet:
        return SETTLED
    if reach <= few:
        return FEW
    in_vain = residual >= plan[LEAST] and plan[IN_VAIN] + 1.0 == PATIENCE
    return STUCK if number >= most_rounds or (plan[PLAIN] and in_vain) else GOING_ON


@njit(cache=True, nogil=True)
def _pace_seen(rate, pace):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The pace of plain sweeps of which accelerated ones, made for `pace`, would bring a residual down by `rate`."""
    slower = rate * (1.0 + math.sqrt(1.0 - pace * pace))
    return (slower * slower + pace * pace) / (2.0 * slower) if slower > pace else pace
