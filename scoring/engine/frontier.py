"""Following the few who have something new to tell: it is pushed along their ties, and then only what changes."""

import numpy as np
from numba import njit

from scoring.engine.counting import Counting
from scoring.engine.model import Floats
from scoring.engine.phi import Told, phi_of, score_of

# From this share of everybody on, sorting them takes less time than reading their rows in any order.
MANY = 8


def followed(
    own: Floats, told: Told, felt: Floats, counting: Counting, shape: Floats, *,
    quiet: float, most_reach: int, most_rounds: int,
) -> tuple[int, int, bool]:  # fmt: skip
    """(pushes, rounds, settled): brings `told` and `felt` forward, in place.

    `told` is the φ that each citizen has told, `felt` the Σ m · φ that each row has been told. Whose φ has come to be
    more than `quiet` points from what they told tells it again, until nobody has. Not `settled` if at some time
    those have more than `most_reach` directed ties. Needs both directions of every pair, with mirrored roles.
    """
    state = (own, told, felt, counting.scored, counting.total)
    return _follow(*state, *counting.back, shape, quiet, most_rounds, most_reach)  # type: ignore[call-arg,no-any-return]


@njit(cache=True, nogil=True)
def _in_order(is_touched, touched):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The same people in the order of their rows, which are then read from one end to the other."""
    count = 0
    for i in range(len(is_touched)):
        touched[count] = i
        count += is_touched[i]
    return count


@njit(cache=True, nogil=True)
def _follow(  # type: ignore[no-untyped-def]  # pragma: no cover
    own, told, felt, scored, total, indptr, other, role, strength, weight, shape, quiet, most_rounds, most_reach
):
    n = len(own)
    frontier = np.empty(n, np.uint32)
    count, reach = 0, 0
    for j in range(n):
        if scored[j] and abs(phi_of(score_of(own[j], felt[j], total[j], shape), shape) - told[j]) > quiet:
            frontier[count] = j
            count += 1
            reach += indptr[j + 1] - indptr[j]
    if count == 0 or reach > most_reach:
        return 0, 0, count == 0
    touched, is_touched = np.empty(n + 1, np.uint32), np.zeros(n, np.bool_)
    pushes, rounds = 0, 0
    while count > 0 and rounds < most_rounds and reach <= most_reach:
        rounds += 1
        pushes += reach
        touched_count, reach = 0, 0
        for f in range(count):
            j = frontier[f]
            before = told[j]
            told[j] = phi_of(score_of(own[j], felt[j], total[j], shape), shape)
            change = told[j] - before
            for e in range(indptr[j], indptr[j + 1]):
                i = other[e]
                felt[i] += strength[e] * weight[role[e]] * change
                # Without a branch: who has been touched cannot be foreseen.
                touched[touched_count] = i
                touched_count += not is_touched[i]
                is_touched[i] = True
        if touched_count > n // MANY:
            touched_count = _in_order(is_touched, touched)
        count = 0
        for t in range(touched_count):
            i = touched[t]
            is_touched[i] = False
            if scored[i] and abs(phi_of(score_of(own[i], felt[i], total[i], shape), shape) - told[i]) > quiet:
                frontier[count] = i
                count += 1
                reach += indptr[i + 1] - indptr[i]
    return pushes, rounds, count == 0
