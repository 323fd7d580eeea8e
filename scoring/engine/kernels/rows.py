"""Rows of entries, one row per citizen: positions of identifiers, and replacing or merging some of the rows."""

import functools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.columns import EventColumns
from scoring.engine.kernels.sorting import Column, in_rows
from scoring.engine.model import Events, Ties

Finder = Callable[[Ints], NDArray[np.int32]]

# Identifiers are looked up in a table where at least one in this many between the lowest and the highest exists.
SPARSEST_TABLE = 8
SMALL_TABLE = 1_000


def positions(sorted_ids: Ints, wanted: Ints) -> NDArray[np.int32]:
    """The position of each of `wanted` in `sorted_ids`; -1 where it is not there."""
    return finder(sorted_ids)(wanted)


def finder(sorted_ids: Ints) -> Finder:
    """A function that does what `positions` does, for callers who look up more than once."""
    if len(sorted_ids) == 0:
        return lambda wanted: np.full(len(wanted), -1, np.int32)
    low, high = int(sorted_ids[0]), int(sorted_ids[-1])
    if high - low > SPARSEST_TABLE * len(sorted_ids) + SMALL_TABLE:
        return functools.partial(_search, sorted_ids)
    table = np.full(high - low + 1, -1, np.int32)
    table[sorted_ids - low] = np.arange(len(sorted_ids), dtype=np.int32)
    return functools.partial(_look_up, table, low)


def _search(sorted_ids: Ints, wanted: Ints) -> NDArray[np.int32]:
    place = np.searchsorted(sorted_ids, wanted).astype(np.int32)
    place[place == len(sorted_ids)] = 0
    place[sorted_ids[place] != wanted] = -1
    return place


@njit(cache=True, nogil=True)
def _look_up(table, low, wanted):  # type: ignore[no-untyped-def]
    place = np.full(len(wanted), -1, np.int32)
    for w in range(len(wanted)):
        at = wanted[w] - low
        if 0 <= at < len(table):
            place[w] = table[at]
    return place


def among(sorted_ids: Ints, wanted: Ints) -> Mask:
    """Whether each of `wanted` is in `sorted_ids`."""
    if len(sorted_ids) == 0:
        return np.zeros(len(wanted), bool)
    found: Mask = sorted_ids[np.minimum(np.searchsorted(sorted_ids, wanted), len(sorted_ids) - 1)] == wanted
    return found


def lengthened(column: Column, n: int, value: float) -> Column:
    """A copy with `n` entries, where those added at the end are `value`."""
    return np.concatenate([column, np.full(n - len(column), value, column.dtype)])


def arranged(citizen: NDArray[np.int32], kind: NDArray[np.int16], occurred: Ints, amount: Floats, n: int) -> Events:
    """Events of `n` citizens in rows, each sorted by time, kind and amount, from entries in any order.

    Entries of position -1 are left out.
    """
    indptr, times, kinds, amounts = in_rows(citizen, n, occurred, kind, amount)
    return Events(indptr, kinds, times, amounts)


def with_events(events: Events, rows: Ints, fresh: Events, n: int) -> Events:
    """The events of `n` citizens, where row `rows[f]` is row `f` of `fresh` and all other rows are as before."""
    indptr, take = _splice(events.indptr, rows, fresh.indptr, n)
    return Events(indptr, *_each(take, _columns(events)[1:], _columns(fresh)[1:]))


def with_ties(ties: Ties, rows: Ints, fresh: Ties, n: int) -> Ties:
    """The ties of `n` citizens, where row `rows[f]` is row `f` of `fresh` and all other rows are as before.

    Both ends of a tie that began or ended must be among the rows. Either both say since when ties hold, or neither.
    """
    indptr, take = _splice(ties.indptr, rows, fresh.indptr, n)
    return type(ties)(indptr, *_each(take, _tie_columns(ties), _tie_columns(fresh)))


def _tie_columns(ties: Ties) -> tuple[Column, ...]:
    """The columns with one entry per tie."""
    columns = ties.other, ties.role, ties.strength
    return columns if ties.since is None else (*columns, ties.since)


def _each(take: Callable[[Column, Column], Column], old: Iterable[Column], fresh: Iterable[Column]) -> Iterator[Column]:
    """The new columns, made in parallel, because making one is little but copying."""
    with ThreadPoolExecutor() as threads:
        return threads.map(take, old, fresh)


def _splice(indptr: Ints, rows: Ints, fresh_indptr: Ints, n: int):  # type: ignore[no-untyped-def]
    """Returns the new row pointers, and a function that makes a new column from the old and the fresh one."""
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
        _fill_spliced(column, after, old, indptr, fresh, fresh_indptr, rows[order], order, cuts)
        return column

    return after, take


@njit(cache=True, nogil=True)
def _fill_spliced(column, after, old, indptr, fresh, fresh_indptr, rows, order, cuts):  # type: ignore[no-untyped-def]
    row = 0
    for f in range(len(rows)):
        _copy(old, indptr[min(row, len(indptr) - 1)], indptr[cuts[f]], column, after[row])
        _copy(fresh, fresh_indptr[order[f]], fresh_indptr[order[f] + 1], column, after[rows[f]])
        row = rows[f] + 1
    if row < len(indptr) - 1:
        _copy(old, indptr[row], indptr[-1], column, after[row])


@njit(cache=True, nogil=True)
def _copy(source, start, stop, column, place):  # type: ignore[no-untyped-def]
    # An assignment of slices would take seconds to compile for each type of column.
    for e in range(stop - start):
        column[place + e] = source[start + e]


def merged(events: Events, rows: Ints, added: Events, removed: Events) -> tuple[Events, Mask]:
    """Merges changes into some rows; returns (the rows, which of them are certain).

    Row `f` is row `rows[f]` of `events` with the entries of row `f` of `added` put in and those of `removed` taken
    out. A row is not certain, and comes back empty, where an added entry equals one that was there, since it may be
    the same behaviour, or where a removed entry was not there.
    """
    *columns, certain = _merge(rows, _columns(events), _columns(added), _columns(removed))
    return Events(*columns), certain


def _columns(events: Events) -> EventColumns:
    return EventColumns(events.indptr, events.kind, events.occurred, events.amount)


@njit(cache=True, nogil=True)
def _merge(rows, old, added, removed):  # type: ignore[no-untyped-def]
    longest = added.indptr[-1]
    for row in rows:
        longest += old.indptr[row + 1] - old.indptr[row]
    indptr, certain = np.zeros(len(rows) + 1, np.int64), np.ones(len(rows), np.bool_)
    kinds, times, amounts = np.empty(longest, np.int16), np.empty(longest, np.int64), np.empty(longest, np.float64)
    result, end = EventColumns(indptr, kinds, times, amounts), 0
    for f in range(len(rows)):
        a, last_added, r, last_removed = added.indptr[f], added.indptr[f + 1], removed.indptr[f], removed.indptr[f + 1]
        for e in range(old.indptr[rows[f]], old.indptr[rows[f] + 1]):
            entry = _entry(old, e)
            while a < last_added and _entry(added, a) <= entry:
                certain[f] &= _entry(added, a) != entry
                end, a = _append(result, end, added, a), a + 1
            if r < last_removed and _entry(removed, r) == entry:
                r += 1
            else:
                end = _append(result, end, old, e)
        for e in range(a, last_added):
            end = _append(result, end, added, e)
        certain[f] &= r == last_removed
        if not certain[f]:
            end = indptr[f]
        indptr[f + 1] = end
    return indptr, kinds[:end], times[:end], amounts[:end], certain


@njit(cache=True, nogil=True)
def _entry(events, e):  # type: ignore[no-untyped-def]
    return events.occurred[e], events.kind[e], events.amount[e]


@njit(cache=True, nogil=True)
def _append(result, end, events, e):  # type: ignore[no-untyped-def]
    result.kind[end], result.occurred[end], result.amount[end] = events.kind[e], events.occurred[e], events.amount[e]
    return end + 1
