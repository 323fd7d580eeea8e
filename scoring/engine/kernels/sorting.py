"""Arranging entries in rows: each entry goes to the row of its citizen, and each row is sorted by three columns."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.arrays import Ints
from scoring.engine.kernels.threads import claim_slice, close_queue, finish_slice, run_in_threads, slice_edges

Column = NDArray[Any]

# Rows of up to this many entries are sorted by insertion, longer ones by a heap, in time of n log n at worst.
INSERTION_SORT_ENTRIES = 48
# Writing into this many places at once is still fast, so rows are divided into as many slices. Each slice reads all
# entries and takes its own.
PLACING_SLICES = 32


class Keys(NamedTuple):
    """Three columns of one length, by which entries are sorted in this order."""

    first: Column
    second: Column
    third: Column


def offsets(citizen: NDArray[np.int32], n: int) -> Ints:
    """The row pointers of entries that belong to the citizens at these positions."""
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(citizen, minlength=n), out=indptr[1:])
    return indptr


def in_rows(
    citizen: NDArray[np.int32], n: int, first: Column, second: Column, third: Column
) -> tuple[Ints, Column, Column, Column]:
    """Returns (row pointers, the three columns in rows), where each row is sorted by `first`, `second`, `third`.

    `citizen` is the row of each entry; entries of row -1 are left out.
    """
    indptr = offsets(citizen[citizen >= 0], n)
    entries = Keys(first, second, third)
    rows = Keys(*(np.empty(indptr[-1], column.dtype) for column in entries))
    run_in_threads(_place, slice_edges(indptr, most=PLACING_SLICES), indptr, citizen, entries, rows)
    return indptr, *rows


@njit(cache=True, nogil=True)
def _place(queue, indptr, citizen, entries, rows):  # type: ignore[no-untyped-def]
    edges = queue.edges
    number, s = claim_slice(queue)
    while number >= 0:
        _place_slice(edges[s], edges[s + 1], indptr, citizen, entries, rows)
        for row in range(edges[s], edges[s + 1]):
            _sort_row(indptr[row], indptr[row + 1], rows)
        if finish_slice(queue):
            close_queue(queue)
        number, s = claim_slice(queue)


@njit(cache=True, nogil=True)
def _place_slice(first_row, last_row, indptr, citizen, entries, rows):  # type: ignore[no-untyped-def]
    """Copies the entries of these rows to their rows, in the order in which they come."""
    from_1, from_2, from_3 = entries
    to_1, to_2, to_3 = rows
    width = np.uint64(last_row - first_row)
    end = indptr[first_row:last_row].copy()
    for e in range(len(citizen)):
        # A row below the first one is a large number when unsigned, so one comparison is enough.
        i = np.uint64(citizen[e] - first_row)
        if i < width:
            p = end[i]
            end[i] += 1
            to_1[p], to_2[p], to_3[p] = from_1[e], from_2[e], from_3[e]


@njit(cache=True, nogil=True)
def _sort_row(start, stop, keys):  # type: ignore[no-untyped-def]
    """Sorts the entries from `start` to before `stop` in place."""
    if stop - start > INSERTION_SORT_ENTRIES:
        _heap_sort(start, stop, keys)
        return
    first, second, third = keys
    for e in range(start + 1, stop):
        one, two, three = first[e], second[e], third[e]
        p = e
        while p > start and (first[p - 1], second[p - 1], third[p - 1]) > (one, two, three):
            first[p], second[p], third[p] = first[p - 1], second[p - 1], third[p - 1]
            p -= 1
        first[p], second[p], third[p] = one, two, three


@njit(cache=True, nogil=True)
def _heap_sort(start, stop, keys):  # type: ignore[no-untyped-def]
    count = stop - start
    for root in range(count // 2 - 1, -1, -1):
        _sift_down(start, root, count, keys)
    for end in range(count - 1, 0, -1):
        _swap(start, start + end, keys)
        _sift_down(start, 0, end, keys)


@njit(cache=True, nogil=True)
def _sift_down(start, root, count, keys):  # type: ignore[no-untyped-def]
    while 2 * root + 1 < count:
        child = start + 2 * root + 1
        if child + 1 < start + count and _is_less(child, child + 1, keys):
            child += 1
        if not _is_less(start + root, child, keys):
            return
        _swap(start + root, child, keys)
        root = child - start


@njit(cache=True, nogil=True)
def _is_less(p, q, keys):  # type: ignore[no-untyped-def]
    first, second, third = keys
    return (first[p], second[p], third[p]) < (first[q], second[q], third[q])


@njit(cache=True, nogil=True)
def _swap(p, q, keys):  # type: ignore[no-untyped-def]
    first, second, third = keys
    first[p], first[q] = first[q], first[p]
    second[p], second[q] = second[q], second[p]
    third[p], third[q] = third[q], third[p]
