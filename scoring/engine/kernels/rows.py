"""Columns in rows, one row per citizen: arranging them from a table, and replacing some rows by others."""

import functools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.threads import cut, drawn, go_on, handed_in, together
from scoring.engine.model import Events, Ties

Column = NDArray[Any]
Finder = Callable[[Ints], NDArray[np.int32]]

LONG = 48
# Into so many places at once can be written quickly: all rows in as many slices, each of which looks at everything.
PLACED_TOGETHER = 32
# A table over all identifiers in between, where they are dense enough.
SPARSEST = 8


def positions(sorted_ids: Ints, wanted: Ints) -> NDArray[np.int32]:
    """Where each of `wanted` stands in `sorted_ids`; -1 if it does not."""
    return finder(sorted_ids)(wanted)


def finder(sorted_ids: Ints) -> Finder:
    """`positions` in these identifiers, for who looks more than once."""
    if len(sorted_ids) == 0:
        return lambda wanted: np.full(len(wanted), -1, np.int32)
    low, high = int(sorted_ids[0]), int(sorted_ids[-1])
    if high - low > SPARSEST * len(sorted_ids) + 1_000:
        return functools.partial(_searched, sorted_ids)
    table = np.full(high - low + 1, -1, np.int32)
    table[sorted_ids - low] = np.arange(len(sorted_ids), dtype=np.int32)
    return functools.partial(_looked_up, table, low)


def _searched(sorted_ids: Ints, wanted: Ints) -> NDArray[np.int32]:
    place = np.searchsorted(sorted_ids, wanted).astype(np.int32)
    place[place == len(sorted_ids)] = 0
    place[sorted_ids[place] != wanted] = -1
    return place


def among(sorted_ids: Ints, few: Ints) -> Mask:
    """Which of `few` are there."""
    if len(sorted_ids) == 0:
        return np.zeros(len(few), bool)
    found: Mask = sorted_ids[np.minimum(np.searchsorted(sorted_ids, few), len(sorted_ids) - 1)] == few
    return found


def lengthened(column: Column, n: int, value: float) -> Column:
    """A copy of `n` entries, with `value` for those who have been added."""
    return np.concatenate([column, np.full(n - len(column), value, column.dtype)])


def offsets(citizen: NDArray[np.int32], n: int) -> Ints:
    """The row pointers of entries of the citizens at these positions."""
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(citizen, minlength=n), out=indptr[1:])
    return indptr


def arranged(citizen: NDArray[np.int32], kind: NDArray[np.int16], occurred: Ints, amount: Floats, n: int) -> Events:
    """Events of `n` citizens in rows, each in the order of time, kind and amount, in whatever order they come.

    Entries of position -1 are left out.
    """
    indptr, times, kinds, amounts = in_rows(citizen, n, occurred, kind, amount)
    return Events(indptr, kinds, times, amounts)


def in_rows(
    citizen: NDArray[np.int32], n: int, one: Column, two: Column, three: Column
) -> tuple[Ints, Column, Column, Column]:
    """(row pointers, the three columns in rows), each row in the order of `one`, then `two`, then `three`.

    Entries of position -1 are left out.
    """
    indptr = offsets(citizen[citizen >= 0], n)
    first, second, third = (np.empty(indptr[-1], column.dtype) for column in (one, two, three))
    slices = cut(indptr, most=PLACED_TOGETHER)
    together(_placed, slices, indptr, citizen, one, two, three, first, second, third)
    return indptr, first, second, third


def with_events(events: Events, rows: Ints, fresh: Events, n: int) -> Events:
    """The events of `n` citizens: row `rows[f]` is row `f` of `fresh`; the others, and their order, are as before."""
    indptr, take = _plan(events.indptr, rows, fresh.indptr, n)
    return Events(indptr, *_each(take, _columns(events)[1:], _columns(fresh)[1:]))


def merged(events: Events, rows: Ints, came: Events, went: Events) -> tuple[Events, Mask]:
    """(rows `rows` of `events` with row `f` of `came` put in and that of `went` taken out, which of them are certain).

    A row is not certain, and comes back empty, where an entry that came is like one that was there, for it may be that
    one, or where one that went was not there.
    """
    *columns, certain = _merged(rows, _columns(events), _columns(came), _columns(went))
    return Events(*columns), certain


def with_ties(ties: Ties, rows: Ints, fresh: Ties, n: int) -> Ties:
    """The ties of `n` citizens: row `rows[f]` is row `f` of `fresh`; the others are as before.

    Both ends of a tie that began or ended must be among the rows.
    """
    indptr, take = _plan(ties.indptr, rows, fresh.indptr, n)
    return Ties(
        indptr,
        *_each(take, (ties.other, ties.role, ties.strength), (fresh.other, fresh.role, fresh.strength)),
    )


def _each(take: Callable[[Column, Column], Column], old: Iterable[Column], fresh: Iterable[Column]) -> Iterator[Column]:
    """The new columns, side by side: each is little but copying."""
    with ThreadPoolExecutor() as threads:
        return threads.map(take, old, fresh)


def _plan(indptr: Ints, rows: Ints, fresh_indptr: Ints, n: int):  # type: ignore[no-untyped-def]
    """The new row pointers, and a function that makes a new column from the old and the fresh one."""
    before = len(indptr) - 1
    lengths = np.zeros(n, np.int64)
    lengths[:before] = np.diff(indptr)
    lengths[rows] = np.diff(fresh_indptr)
    after = np.zeros(n + 1, np.int64)
    np.cumsum(lengths, out=after[1:])
    order = np.argsort(rows, kind="stable")
    cuts = np.minimum(rows[order], before)

    def take(old, fresh):  # type: ignore[no-untyped-def]
        column = np.empty(after[-1], old.dtype)
        _spliced(column, after, old, indptr, fresh, fresh_indptr, rows[order], order, cuts)
        return column

    return after, take


@njit(cache=True, nogil=True)
def _spliced(column, after, old, indptr, fresh, fresh_indptr, rows, order, cuts):  # type: ignore[no-untyped-def]  # pragma: no cover
    row = 0
    for f in range(len(rows)):
        _copy(old, indptr[min(row, len(indptr) - 1)], indptr[cuts[f]], column, after[row])
        _copy(fresh, fresh_indptr[order[f]], fresh_indptr[order[f] + 1], column, after[rows[f]])
        row = rows[f] + 1
    if row < len(indptr) - 1:
        _copy(old, indptr[row], indptr[-1], column, after[row])


@njit(cache=True, nogil=True)
def _copy(source, start, stop, column, place):  # type: ignore[no-untyped-def]  # pragma: no cover
    # Not as a slice: to compile that takes seconds, for each kind of column.
    for e in range(stop - start):
        column[place + e] = source[start + e]


def _columns(events: Events) -> tuple[Ints, NDArray[np.int16], Ints, Floats]:
    return events.indptr, events.kind, events.occurred, events.amount


@njit(cache=True, nogil=True)
def _merged(rows, old, came, went):  # type: ignore[no-untyped-def]  # pragma: no cover
    longest = came[0][-1]
    for row in rows:
        longest += old[0][row + 1] - old[0][row]
    kinds, times, amounts = np.empty(longest, np.int16), np.empty(longest, np.int64), np.empty(longest, np.float64)
    columns, end = (kinds, times, amounts), 0
    indptr, certain = np.zeros(len(rows) + 1, np.int64), np.ones(len(rows), np.bool_)
    for f in range(len(rows)):
        c, last_came, w, last_went = came[0][f], came[0][f + 1], went[0][f], went[0][f + 1]
        for e in range(old[0][rows[f]], old[0][rows[f] + 1]):
            entry = _entry(old, e)
            while c < last_came and _entry(came, c) <= entry:
                certain[f] &= _entry(came, c) != entry
                end, c = _written(columns, end, came, c), c + 1
            if w < last_went and _entry(went, w) == entry:
                w += 1
            else:
                end = _written(columns, end, old, e)
        for e in range(c, last_came):
            end = _written(columns, end, came, e)
        certain[f] &= w == last_went
        if not certain[f]:
            end = indptr[f]
        indptr[f + 1] = end
    return indptr, kinds[:end], times[:end], amounts[:end], certain


@njit(cache=True, nogil=True)
def _entry(events, e):  # type: ignore[no-untyped-def]  # pragma: no cover
    return events[2][e], events[1][e], events[3][e]


@njit(cache=True, nogil=True)
def _written(columns, end, events, e):  # type: ignore[no-untyped-def]  # pragma: no cover
    columns[0][end], columns[1][end], columns[2][end] = events[1][e], events[2][e], events[3][e]
    return end + 1


@njit(cache=True, nogil=True)
def _looked_up(table, low, wanted):  # type: ignore[no-untyped-def]  # pragma: no cover
    place = np.full(len(wanted), -1, np.int32)
    for w in range(len(wanted)):
        at = wanted[w] - low
        if 0 <= at < len(table):
            place[w] = table[at]
    return place


@njit(cache=True, nogil=True)
def _placed(desk, edges, indptr, citizen, one, two, three, first, second, third):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Each slice of the rows takes what is its own out of all that came, and puts it in order."""
    number, s = drawn(desk, edges)
    while number >= 0:
        start, width = edges[s], np.uint64(edges[s + 1] - edges[s])
        at = indptr[edges[s] : edges[s + 1]].copy()
        for e in range(len(citizen)):
            # What is below the start is large without its sign.
            i = np.uint64(citizen[e] - start)
            if i < width:
                p = at[i]
                at[i] += 1
                first[p], second[p], third[p] = one[e], two[e], three[e]
        for row in range(edges[s], edges[s + 1]):
            _ordered(indptr[row], indptr[row + 1], first, second, third)
        if handed_in(desk, edges):
            go_on(desk, True)
        number, s = drawn(desk, edges)


@njit(cache=True, nogil=True)
def _ordered(start, stop, first, second, third):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Sorts one row by its columns, in place."""
    if stop - start > LONG:
        _heap_sorted(start, stop, first, second, third)
        return
    for e in range(start + 1, stop):
        one, two, three = first[e], second[e], third[e]
        p = e
        while p > start and (first[p - 1], second[p - 1], third[p - 1]) > (one, two, three):
            first[p], second[p], third[p] = first[p - 1], second[p - 1], third[p - 1]
            p -= 1
        first[p], second[p], third[p] = one, two, three


@njit(cache=True, nogil=True)
def _heap_sorted(start, stop, first, second, third):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The same for a long row: whatever it holds, it takes no square of its length."""
    count = stop - start
    for root in range(count // 2 - 1, -1, -1):
        _sifted(start, root, count, first, second, third)
    for end in range(count - 1, 0, -1):
        _swapped(start, start + end, first, second, third)
        _sifted(start, 0, end, first, second, third)


@njit(cache=True, nogil=True)
def _sifted(start, root, count, first, second, third):  # type: ignore[no-untyped-def]  # pragma: no cover
    while 2 * root + 1 < count:
        child = start + 2 * root + 1
        if child + 1 < start + count and _before(child, child + 1, first, second, third):
            child += 1
        if not _before(start + root, child, first, second, third):
            return
        _swapped(start + root, child, first, second, third)
        root = child - start


@njit(cache=True, nogil=True)
def _before(p, q, first, second, third):  # type: ignore[no-untyped-def]  # pragma: no cover
    return (first[p], second[p], third[p]) < (first[q], second[q], third[q])


@njit(cache=True, nogil=True)
def _swapped(p, q, first, second, third):  # type: ignore[no-untyped-def]  # pragma: no cover
    first[p], first[q] = first[q], first[p]
    second[p], second[q] = second[q], second[p]
    third[p], third[q] = third[q], third[p]
