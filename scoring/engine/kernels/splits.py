"""What the people tied to each citizen give and take, by parts, where that tells of nobody alone: compiled code."""

from typing import NamedTuple

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats, Mask
from scoring.engine.kernels.columns import Array
from scoring.engine.kernels.threads import claim_slice, close_queue, finish_slice

# Drag and lift come first, then a part for each role, and at last all roles together that are not shown.
DRAG, LIFT, FIRST_ROLE = 0, 1, 2


class WeighedTies(NamedTuple):
    """Directed ties in rows sorted by `other`; `total` is k0 + Σ m of each row, `held` says which count as old."""

    indptr: Array
    other: Array
    role: Array
    m: Array
    total: Floats
    held: Mask


class Guard(NamedTuple):
    """A part is shown where so many people contribute, none of whom holds more than this share of it."""

    least_people: int
    largest_share: float
    not_shown: int


class _Sums(NamedTuple):
    """Sums over the people who contribute to each part; the sizes are absolute points. `mine` are one person's."""

    points: Floats
    size: Floats
    largest: Floats
    held_size: Floats
    held_largest: Floats
    held_people: Array
    mine: Floats
    is_held: Mask


@njit(cache=True, nogil=True)
def fill_splits(queue, ties, phi, guard, splits):  # type: ignore[no-untyped-def]
    """Fills the rows of `splits`: drag, lift and each role in whole points, or `not_shown`."""
    roles = splits.shape[1] - FIRST_ROLE
    sums = _no_sums(FIRST_ROLE + roles + 1)
    shown = np.zeros(roles, np.bool_)
    number, s = claim_slice(queue)
    while number >= 0:
        for i in range(queue.edges[s], queue.edges[s + 1]):
            _split_row(i, ties, phi, guard, sums, shown, splits[i])
        if finish_slice(queue):
            close_queue(queue)
        number, s = claim_slice(queue)


@njit(cache=True, nogil=True)
def _no_sums(parts):  # type: ignore[no-untyped-def]
    return _Sums(
        np.zeros(parts),
        np.zeros(parts),
        np.zeros(parts),
        np.zeros(parts),
        np.zeros(parts),
        np.zeros(parts, np.int64),
        np.zeros(parts),
        np.zeros(parts, np.bool_),
    )


@njit(cache=True, nogil=True)
def _split_row(i, ties, phi, guard, sums, shown, split):  # type: ignore[no-untyped-def]
    roles = len(shown)
    rest = FIRST_ROLE + roles
    split[:] = guard.not_shown
    if ties.indptr[i + 1] - ties.indptr[i] < guard.least_people:
        return
    shown[:] = True
    _sum_row(i, ties, phi, sums, shown)
    if _may_be_shown(DRAG, sums, guard) and _may_be_shown(LIFT, sums, guard):
        split[DRAG], split[LIFT] = _whole(sums.points[DRAG]), _whole(sums.points[LIFT])
    for role in range(roles):
        shown[role] = _may_be_shown(FIRST_ROLE + role, sums, guard)
    if not shown.any():
        return
    # What is left when the roles shown are taken from the total must not tell of a few people either.
    _sum_row(i, ties, phi, sums, shown)
    if sums.size[rest] == 0.0 or _may_be_shown(rest, sums, guard):
        for role in range(roles):
            if shown[role]:
                split[FIRST_ROLE + role] = _whole(sums.points[FIRST_ROLE + role])


@njit(cache=True, nogil=True)
def _sum_row(i, ties, phi, sums, shown):  # type: ignore[no-untyped-def]
    """Sums over the people of a row; the last part has all roles that are not `shown`."""
    rest = FIRST_ROLE + len(shown)
    sums.points[:], sums.size[:], sums.largest[:] = 0.0, 0.0, 0.0
    sums.held_size[:], sums.held_largest[:], sums.held_people[:] = 0.0, 0.0, 0
    sums.mine[:], sums.is_held[:] = 0.0, False
    stop = ties.indptr[i + 1]
    for e in range(ties.indptr[i], stop):
        points = ties.m[e] * phi[ties.other[e]] / ties.total[i]
        if points != 0.0:
            role = ties.role[e]
            _add_mine(DRAG if points < 0.0 else LIFT, points, ties.held[e], sums)
            _add_mine(FIRST_ROLE + role, points, ties.held[e], sums)
            if not shown[role]:
                _add_mine(rest, points, ties.held[e], sums)
        # Several ties to one person stand side by side.
        if e + 1 == stop or ties.other[e + 1] != ties.other[e]:
            _count_person(sums)


@njit(cache=True, nogil=True)
def _add_mine(part, points, held, sums):  # type: ignore[no-untyped-def]
    sums.mine[part] += points
    sums.is_held[part] |= held


@njit(cache=True, nogil=True)
def _count_person(sums):  # type: ignore[no-untyped-def]
    for part in range(len(sums.mine)):
        points = sums.mine[part]
        if points == 0.0:
            continue
        size = abs(points)
        sums.points[part] += points
        sums.size[part] += size
        sums.largest[part] = max(sums.largest[part], size)
        if sums.is_held[part]:
            sums.held_size[part] += size
            sums.held_largest[part] = max(sums.held_largest[part], size)
            sums.held_people[part] += 1
        sums.mine[part] = 0.0
        sums.is_held[part] = False


@njit(cache=True, nogil=True)
def _may_be_shown(part, sums, guard):  # type: ignore[no-untyped-def]
    return (
        sums.held_people[part] >= guard.least_people
        and sums.largest[part] <= guard.largest_share * sums.size[part]
        # Whoever has brought in new people, and knows what those give, must not be left with one other person.
        and sums.held_largest[part] <= guard.largest_share * sums.held_size[part]
    )


@njit(cache=True, nogil=True)
def _whole(points):  # type: ignore[no-untyped-def]
    return np.int16(np.floor(points + 0.5))
