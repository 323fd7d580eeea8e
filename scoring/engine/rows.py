"""Columns in rows, one row per citizen: arranging them from a table, and replacing some rows by others."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.model import Events, Floats, Ints, Mask, Ties

Column = NDArray[Any]

LONG = 48
# A table over all identifiers in between, where they are dense enough.
SPARSEST = 8


def positions(sorted_ids: Ints, wanted: Ints) -> NDArray[np.int32]:
    """Where each of `wanted` stands in `sorted_ids`; -1 if it does not."""
    if len(sorted_ids) == 0:
        return np.full(len(wanted), -1, np.int32)
    low, high = int(sorted_ids[0]), int(sorted_ids[-1])
    if high - low > SPARSEST * len(sorted_ids) + 1_000:
        place = np.searchsorted(sorted_ids, wanted).astype(np.int32)
        place[place == len(sorted_ids)] = 0
        place[sorted_ids[place] != wanted] = -1
        return place
    table = np.full(high - low + 1, -1, np.int32)
    table[sorted_ids - low] = np.arange(len(sorted_ids), dtype=np.int32)
    found: NDArray[np.int32] = _looked_up(table, low, wanted)
    return found


def among(sorted_ids: Ints, few: Ints) -> Mask:
    """Which of `few` are there."""
    if len(sorted_ids) == 0:
        return np.zeros(len(few), bool)
    found: Mask = sorted_ids[np.minimum(np.searchsorted(sorted_ids, few), len(sorted_ids) - 1)] == few
    return found


def offsets(citizen: NDArray[np.int32], n: int) -> Ints:
    """The row pointers of entries of the citizens at these positions."""
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(citizen, minlength=n), out=indptr[1:])
    return indptr


def arranged(citizen: NDArray[np.int32], kind: NDArray[np.int16], occurred: Ints, amount: Floats, n: int) -> Events:
    """Events of `n` citizens in rows, each in the order of time, kind and amount, in whatever order they come.

    Entries of position -1 are left out.
    """
    indptr = offsets(citizen[citizen >= 0], n)
    m = int(indptr[-1])
    columns = np.empty(m, np.int16), np.empty(m, np.int64), np.empty(m, np.float64)
    _placed(indptr, citizen, kind, occurred, amount, *columns)
    return Events(indptr, *columns)


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
        start, stop = indptr[min(row, len(indptr) - 1)], indptr[cuts[f]]
        column[after[row] : after[row] + stop - start] = old[start:stop]
        source = fresh[fresh_indptr[order[f]] : fresh_indptr[order[f] + 1]]
        column[after[rows[f]] : after[rows[f]] + len(source)] = source
        row = rows[f] + 1
    if row < len(indptr) - 1:
        start = indptr[row]
        column[after[row] : after[row] + indptr[-1] - start] = old[start : indptr[-1]]


def _columns(events: Events) -> tuple[Ints, NDArray[np.int16], Ints, Floats]:
    return events.indptr, events.kind, events.occurred, events.amount


@njit(cache=True, nogil=True)
def _merged(rows, old, came, went):  # type: ignore[no-untyped-def]  # pragma: no cover
    longest = (old[0][rows + 1] - old[0][rows]).sum() + came[0][-1]
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
def _placed(indptr, citizen, kind, occurred, amount, kinds, times, amounts):  # type: ignore[no-untyped-def]  # pragma: no cover
    at = indptr[:-1].copy()
    for e in range(len(citizen)):
        i = citizen[e]
        if i >= 0:
            p = at[i]
            at[i] += 1
            kinds[p], times[p], amounts[p] = kind[e], occurred[e], amount[e]
    for i in range(len(indptr) - 1):
        _ordered(indptr[i], indptr[i + 1], kinds, times, amounts)


@njit(cache=True, nogil=True)
def _ordered(first, last, kinds, times, amounts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Sorts one row by time, kind and amount, in place."""
    if last - first > LONG:
        _heap_sorted(first, last, kinds, times, amounts)
        return
    for e in range(first + 1, last):
        k, t, a = kinds[e], times[e], amounts[e]
        p = e
        while p > first and (times[p - 1], kinds[p - 1], amounts[p - 1]) > (t, k, a):
            kinds[p], times[p], amounts[p] = kinds[p - 1], times[p - 1], amounts[p - 1]
            p -= 1
        kinds[p], times[p], amounts[p] = k, t, a


@njit(cache=True, nogil=True)
def _heap_sorted(first, last, kinds, times, amounts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The same for a long row: whatever it holds, it takes no square of its length."""
    count = last - first
    for root in range(count // 2 - 1, -1, -1):
        _sifted(first, root, count, kinds, times, amounts)
    for end in range(count - 1, 0, -1):
        _swapped(first, first + end, kinds, times, amounts)
        _sifted(first, 0, end, kinds, times, amounts)


@njit(cache=True, nogil=True)
def _sifted(first, root, count, kinds, times, amounts):  # type: ignore[no-untyped-def]  # pragma: no cover
    while 2 * root + 1 < count:
        child = first + 2 * root + 1
        if child + 1 < first + count and _before(child, child + 1, kinds, times, amounts):
            child += 1
        if not _before(first + root, child, kinds, times, amounts):
            return
        _swapped(first + root, child, kinds, times, amounts)
        root = child - first


@njit(cache=True, nogil=True)
def _before(p, q, kinds, times, amounts):  # type: ignore[no-untyped-def]  # pragma: no cover
    return (times[p], kinds[p], amounts[p]) < (times[q], kinds[q], amounts[q])


@njit(cache=True, nogil=True)
def _swapped(p, q, kinds, times, amounts):  # type: ignore[no-untyped-def]  # pragma: no cover
    kinds[p], kinds[q] = kinds[q], kinds[p]
    times[p], times[q] = times[q], times[p]
    amounts[p], amounts[q] = amounts[q], amounts[p]
