"""Following the few who have something new to tell: it is pushed along their ties, and then only what changes."""

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats
from scoring.engine.kernels.counting import Counting
from scoring.engine.kernels.phi import Shape, Told, phi_of, score_of
from scoring.engine.kernels.threads import BLOCK, fetch

# Where more than one in so many has something new to tell, looking at everybody takes less time than noting whom to
# look at.
MANY = 128
# So many of the frontier ahead their rows are asked for.
ROWS_AHEAD = 8


def followed(
    own: Floats, told: Told, felt: Floats, counting: Counting, shape: Shape, *,
    quiet: float, most_reach: int, most_rounds: int,
) -> tuple[int, int]:  # fmt: skip
    """(pushes, rounds): brings `told` and `felt` forward, in place.

    `told` is the φ that each citizen has told, `felt` the Σ m · φ that each row has been told. Whose φ has come to be
    more than `quiet` points from what they told tells it again, until nobody has, or those who told had more than
    `most_reach` directed ties. Needs both directions of every pair, with mirrored roles.
    """
    state = (own, told, felt, counting.total)
    return _follow(*state, *counting.back, shape, quiet, most_rounds, most_reach)  # type: ignore[call-arg,no-any-return]


@njit(cache=True, nogil=True)
def _push(j, change, felt, indptr, other, role, strength, weight):  # type: ignore[no-untyped-def]  # pragma: no cover
    for e in range(indptr[j], indptr[j + 1]):
        felt[other[e]] += strength[e] * weight[role[e]] * change


@njit(cache=True, nogil=True)
def _ask_for(j, indptr, other, role, strength):  # type: ignore[no-untyped-def]  # pragma: no cover
    e = min(indptr[j], np.uint64(len(other) - 1))
    fetch(other, e)
    fetch(role, e)
    fetch(strength, e)


@njit(cache=True, nogil=True)
def _follow(  # type: ignore[no-untyped-def]  # pragma: no cover
    own, told, felt, total, indptr, other, role, strength, weight, shape, quiet, most_rounds, most_reach
):
    n = len(own)
    frontier, touched, is_touched = np.empty(n + 1, np.uint32), np.empty(n + 1, np.uint32), np.zeros(n, np.bool_)
    pushes, rounds, reach = 0, 0, 0
    count = _news(own, told, felt, total, shape, quiet, frontier)
    while count > 0 and rounds < most_rounds and reach <= most_reach:
        rounds, reach = rounds + 1, 0
        is_many, touched_count = count > n // MANY, 0
        for f in range(count):
            _ask_for(frontier[min(f + ROWS_AHEAD, count - 1)], indptr, other, role, strength)
            j = frontier[f]
            before = told[j]
            told[j] = phi_of(score_of(own[j], felt[j], total[j], shape), shape)
            _push(j, told[j] - before, felt, indptr, other, role, strength, weight)
            reach += int(indptr[j + 1] - indptr[j])
            if not is_many:
                for e in range(indptr[j], indptr[j + 1]):
                    # Without a branch: who has been touched cannot be foreseen.
                    touched[touched_count] = other[e]
                    touched_count += not is_touched[other[e]]
                    is_touched[other[e]] = True
        pushes += reach
        if is_many:
            count = _news(own, told, felt, total, shape, quiet, frontier)
            continue
        count = 0
        for t in range(touched_count):
            i = touched[t]
            is_touched[i] = False
            if abs(phi_of(score_of(own[i], felt[i], total[i], shape), shape) - told[i]) > quiet:
                frontier[count] = i
                count += 1
    return pushes, rounds


@njit(cache=True, nogil=True)
def _news(own, told, felt, total, shape, quiet, frontier):  # type: ignore[no-untyped-def]  # pragma: no cover
    """How many would tell something new, and in `frontier` who they are."""
    count, moved = 0, np.empty(BLOCK)
    for first in range(0, len(own), BLOCK):
        last = min(first + BLOCK, len(own))
        _moved(own[first:last], told[first:last], felt[first:last], total[first:last], shape, moved)
        for i in range(last - first):
            # Without a branch: who moved cannot be foreseen.
            frontier[count] = first + i
            count += moved[i] > quiet
    return count


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _moved(own, told, felt, total, shape, moved):  # type: ignore[no-untyped-def]  # pragma: no cover
    """By how much each row's φ is not what was told; a processor does several at once."""
    for i in range(len(own)):
        moved[i] = abs(phi_of(score_of(own[i], felt[i], total[i], shape), shape) - told[i])
