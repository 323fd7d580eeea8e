"""What the people tied to each citizen give and take, by parts, where that tells of nobody alone: compiled code."""

from typing import NamedTuple

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats, Mask
from scoring.engine.kernels.columns import Array
from scoring.engine.kernels.threads import claim_slice, close_queue, finish_slice, prefetch_ahead

# Drag and lift come first, then a part for each role, and at last all roles together that are not shown.
DRAG, LIFT, FIRST_ROLE = 0, 1, 2


class WeighedTies(NamedTuple):
    """Directed ties in rows sorted by `other`; `total` is k0 + Σ m of each row, `held` says which are old.

    Of several ties to one person the last has the `m` of the strongest. `weight` is that of each role.
    """

    indptr: Array
    other: Array
    role: Array
    strength: Array
    weight: Floats
    m: Array
    total: Floats
    held: Mask


class Guard(NamedTuple):
    """A part is shown where so many people contribute, none of whom holds more than this share of it."""

    least_people: int
    largest_share: float
    not_shown: int


# Columns of the sums over the people who contribute to a part: their points, the same in absolute points, the most of
# one of them, and the same of those with old ties, and how many these are.
POINTS, SIZE, LARGEST, OLD_SIZE, OLD_LARGEST, OLD_PEOPLE = range(6)


@njit(cache=True, nogil=True)
def fill_splits(queue, ties, phi, guard, splits):  # type: ignore[no-untyped-def]
    """Fills the rows of `splits`: drag, lift and each role in whole points, or `not_shown`."""
    roles = splits.shape[1] - FIRST_ROLE
    sums = np.zeros((FIRST_ROLE + roles + 1, OLD_PEOPLE + 1))
    shown = np.zeros(roles, np.bool_)
    number, s = claim_slice(queue)
    while number >= 0:
        for i in range(queue.edges[s], queue.edges[s + 1]):
            splits[i, :] = guard.not_shown
            if ties.indptr[i + 1] - ties.indptr[i] >= guard.least_people:
                _split_row(i, ties, phi, guard, sums, shown, splits[i])
        if finish_slice(queue):
            close_queue(queue)
        number, s = claim_slice(queue)


@njit(cache=True, nogil=True)
def _split_row(i, ties, phi, guard, sums, shown, split):  # type: ignore[no-untyped-def]
    rest = FIRST_ROLE + len(shown)
    _sum_row(i, ties, phi, sums)
    if _may_be_shown(sums[DRAG], guard) and _may_be_shown(sums[LIFT], guard):
        split[DRAG], split[LIFT] = _whole(sums[DRAG, POINTS]), _whole(sums[LIFT, POINTS])
    is_any = False
    for role in range(len(shown)):
        shown[role] = _may_be_shown(sums[FIRST_ROLE + role], guard)
        is_any |= shown[role]
    if not is_any:
        return
    _sum_rest(sums, shown)
    # What is left when the roles shown are taken from the total must not tell of a few people either.
    if sums[rest, SIZE] == 0.0 or _may_be_shown(sums[rest], guard):
        for role in range(len(shown)):
            if shown[role]:
                split[FIRST_ROLE + role] = _whole(sums[FIRST_ROLE + role, POINTS])


@njit(cache=True, nogil=True)
def _sum_row(i, ties, phi, sums):  # type: ignore[no-untyped-def]
    """Sums over the people of a row. Each person stands in one role, that of their strongest tie."""
    sums[:] = 0.0
    inverse = 1.0 / ties.total[i]
    e, stop = ties.indptr[i], ties.indptr[i + 1]
    while e < stop:
        j = ties.other[e]
        prefetch_ahead(phi, ties.other, e)
        strongest, is_old = e, ties.held[e]
        e += np.uint64(1)
        while e < stop and ties.other[e] == j:
            is_old |= ties.held[e]
            if _strength(e, ties) > _strength(strongest, ties):
                strongest = e
            e += np.uint64(1)
        points = ties.m[e - np.uint64(1)] * phi[j] * inverse
        if points != 0.0:
            _add(sums[DRAG if points < 0.0 else LIFT], points, is_old)
            _add(sums[FIRST_ROLE + ties.role[strongest]], points, is_old)


@njit(cache=True, nogil=True)
def _strength(e, ties):  # type: ignore[no-untyped-def]
    return ties.strength[e] * ties.weight[ties.role[e]]


@njit(cache=True, nogil=True)
def _add(sums, points, is_old):  # type: ignore[no-untyped-def]
    """Adds what one person contributes to the sums of a part."""
    size = abs(points)
    sums[POINTS] += points
    sums[SIZE] += size
    sums[LARGEST] = max(sums[LARGEST], size)
    if is_old:
        sums[OLD_SIZE] += size
        sums[OLD_LARGEST] = max(sums[OLD_LARGEST], size)
        sums[OLD_PEOPLE] += 1.0


@njit(cache=True, nogil=True)
def _sum_rest(sums, shown):  # type: ignore[no-untyped-def]
    """Sets the last part to the sums of all roles that are not `shown`."""
    rest = FIRST_ROLE + len(shown)
    for role in range(len(shown)):
        if not shown[role]:
            for column in range(sums.shape[1]):
                one = sums[FIRST_ROLE + role, column]
                is_most = column in (LARGEST, OLD_LARGEST)
                sums[rest, column] = max(sums[rest, column], one) if is_most else sums[rest, column] + one


@njit(cache=True, nogil=True)
def _may_be_shown(sums, guard):  # type: ignore[no-untyped-def]
    return (
        sums[OLD_PEOPLE] >= guard.least_people
        and sums[LARGEST] <= guard.largest_share * sums[SIZE]
        # Whoever has brought in new people, and knows what those give, must not be left with one other person.
        and sums[OLD_LARGEST] <= guard.largest_share * sums[OLD_SIZE]
    )


@njit(cache=True, nogil=True)
def _whole(points):  # type: ignore[no-untyped-def]
    return np.int16(np.floor(points + 0.5))
