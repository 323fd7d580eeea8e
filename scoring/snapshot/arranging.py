"""The columns of the engine, made from Arrow tables of rows."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.kernels.rows import Finder, arranged, finder, positions
from scoring.engine.kernels.sorting import offsets
from scoring.engine.model import REVERSE_ROLE, Events, Population, Ties, full_minutes
from scoring.snapshot.reading import ALWAYS, PLACE_OF, Reader
from scoring.snapshot.whole import Columns
from sesame_site.kit.database.bulk import MICROSECONDS_TO_2000

# Longer ago, in microseconds, than any tie can be known to hold.
UNKNOWN = -(2**62)
# Below the number of a source stand the contexts that are meant, a bit for each.
BITS = 16
ALL_CONTEXTS = (1 << BITS) - 1


class Unknown(LookupError):
    """Rows refer to a citizen who was not asked for, or a citizen who was asked for does not exist."""


def everybody(
    read: Reader, *, known: dt.datetime = ALWAYS, alive: dt.datetime = ALWAYS
) -> tuple[Ints, Ints, Population]:
    """Reads all citizens: (their identifiers, those of behaviour types, the population).

    Rows count that were known at `known`, and ties that were alive at `alive`.
    """
    citizens, type_ids = read.citizens(known), read.type_ids()
    ids = _ints(citizens["id"])
    places, consented = finder(ids), _consented(read.consents(known), ids)
    parts = read.all_ties(lambda part: _placed_ties(part, places), alive)
    with ThreadPoolExecutor(1) as beside:
        ties = beside.submit(lambda: ties_from_pairs(len(ids), *_whole(parts)))
        contexts = read.contexts(type_ids)
        parts = read.all_behaviours(lambda part: _placed_events(part, places, consented, type_ids, contexts), known)
        citizen, kind, occurred, amount = _whole(parts)
        eligible = citizens["is_member"].to_numpy() & (np.diff(consented[0]) > 0)
        return ids, type_ids, Population(arranged(citizen, kind, occurred, amount, len(ids)), ties.result(), eligible)


def own_rows(read: Reader, ids: Ints, type_ids: Ints) -> tuple[Events, Mask]:
    """The behaviours of these citizens from sources they consent to, one row each, and which of them are eligible.

    Raises Unknown if one of them does not exist.
    """
    citizens = read.citizens(of=ids)
    if len(citizens) != len(ids):
        raise Unknown
    return _own_rows(citizens, read.consents(of=ids), read.behaviours(of=ids), type_ids, read.contexts(type_ids))


def behaviour_rows(read: Reader, behaviours: Ints, ids: Ints, type_ids: Ints) -> tuple[Events, Events, Ints]:
    """Reads these behaviours: (those that count, those retracted, the number of both), one row for each of `ids`.

    Behaviours of a source to which the citizen does not consent are left out, but counted in the number.
    """
    rows = read.behaviours_of_ids(behaviours)
    citizen, retracted = positions(ids, _ints(rows["citizen_id"])), rows["is_retracted"].to_numpy()
    count = np.bincount(citizen[citizen >= 0], minlength=len(ids))
    columns = _event_columns(rows, type_ids)
    said = _said(_ints(rows["source_id"]), columns[0], read.contexts(type_ids))
    leave_out_refused(citizen, said, *_consented(read.consents(of=ids), ids))
    added, removed = (
        arranged(np.where(which, citizen, np.int32(-1)), *columns, len(ids)) for which in (~retracted, retracted)
    )
    return added, removed, count


def tie_rows(read: Reader, ids: Ints, rows: Ints) -> Ties:
    """The ties of the citizens at the positions `rows` of `ids`, one row each, in this order.

    Raises Unknown if the other end of one is not among `ids`.
    """
    whole = _ties(read.ties(of=ids[rows]), ids)
    starts, stops = whole.indptr[rows], whole.indptr[rows + 1]
    indptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(stops - starts, out=indptr[1:])
    entries = np.repeat(starts - indptr[:-1], stops - starts) + np.arange(indptr[-1])
    columns = whole.other, whole.role, whole.strength, whole.since
    return Ties(indptr, *(column[entries] for column in columns if column is not None))


def _own_rows(
    citizens: pa.Table, consents: pa.Table, behaviours: pa.Table, type_ids: Ints, contexts: Ints
) -> tuple[Events, Mask]:
    ids = _ints(citizens["id"])
    indptr, sources = _consented(consents, ids)
    who = positions(ids, _ints(behaviours["citizen_id"]))
    columns = _event_columns(behaviours, type_ids)
    leave_out_refused(who, _said(_ints(behaviours["source_id"]), columns[0], contexts), indptr, sources)
    eligible = citizens["is_member"].to_numpy() & (np.diff(indptr) > 0)
    return arranged(who, *columns, len(ids)), eligible


def _consented(consents: pa.Table, ids: Ints) -> tuple[Ints, Ints]:
    """What each citizen consents to, as (row pointers, sources with the contexts covered as bits below)."""
    citizen = positions(ids, _ints(consents["citizen_id"]))
    told = consents["contexts"].combine_chunks().dictionary_encode()
    covered = np.array([_bits(text.as_py()) for text in told.dictionary], np.int64)
    source = _ints(consents["source_id"]) << BITS | covered[told.indices.to_numpy()]
    order = np.argsort(citizen, kind="stable")
    return offsets(citizen[citizen >= 0], len(ids)), source[order][np.count_nonzero(citizen < 0) :]


def _bits(contexts: str) -> int:
    """Contexts, as PostgreSQL writes an array of them, as bits; of none, all."""
    named = [PLACE_OF[context] for context in contexts.strip("{}").split(",") if context]
    return sum(1 << place for place in named) or ALL_CONTEXTS


def _said(source: Ints, kind: NDArray[np.int16], contexts: Ints) -> Ints:
    """The source of each behaviour, with the context of its type as a bit below."""
    return source << BITS | contexts[kind]


def _event_columns(behaviours: pa.Table, type_ids: Ints) -> tuple[NDArray[np.int16], Ints, Floats]:
    """The columns (kind, moment, amount) of these behaviours."""
    kind = positions(type_ids, _ints(behaviours["type_id"])).astype(np.int16)
    return kind, _microseconds(behaviours["occurred_at"]), _own_copy(behaviours["amount"], np.float64)


def _placed_events(
    part: Columns, places: Finder, consented: tuple[Ints, Ints], type_ids: Ints, contexts: Ints
) -> list[NDArray[Any]]:
    """The columns [citizen, kind, moment, amount] of a part of all behaviours; −1 is a citizen without consent."""
    citizen, source = places(part["citizen_id"]), part["source_and_type"] >> 32
    kind = positions(type_ids, part["source_and_type"] & 0xFFFFFFFF).astype(np.int16)
    leave_out_refused(citizen, _said(source, kind, contexts), *consented)
    return [citizen, kind, part["occurred_at"] + MICROSECONDS_TO_2000, part["amount"]]


def _placed_ties(part: Columns, places: Finder) -> list[NDArray[Any]]:
    """The columns [first, second, role of the second, role of the first, strength, since] of a part of all ties."""
    role, since = part["role"], part["since"]
    ends = places(part["first_id"]), places(part["second_id"])
    # An unknown moment is sent as one infinitely long ago, and so becomes LONG_AGO.
    return [*ends, role, REVERSE_ROLE[role], part["strength"], full_minutes(since + MICROSECONDS_TO_2000)]


def _whole(parts: list[list[NDArray[Any]]]) -> list[NDArray[Any]]:
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _ties(rows: pa.Table, ids: Ints) -> Ties:
    role = _own_copy(rows["role"], np.int64)
    first, second = (positions(ids, _ints(rows[name])) for name in ("first_id", "second_id"))
    if (first < 0).any() or (second < 0).any():
        raise Unknown
    strength, since = _own_copy(rows["strength"], np.float32), full_minutes(_microseconds(rows["since"]))
    return ties_from_pairs(len(ids), first, second, role, REVERSE_ROLE[role], strength, since)


@njit(cache=True, nogil=True)
def leave_out_refused(citizen, source, indptr, consented):  # type: ignore[no-untyped-def]
    """Sets the position of the citizen to -1 in place wherever they do not consent to the source, or to the context.

    `source` and `consented` hold a number of a source with bits of contexts below it.
    """
    for e in range(len(citizen)):
        i = citizen[e]
        if i < 0:
            continue
        found = False
        for c in range(indptr[i], indptr[i + 1]):
            found |= consented[c] >> BITS == source[e] >> BITS and consented[c] & source[e] & ALL_CONTEXTS != 0
        if not found:
            citizen[e] = -1


def _ints(column: pa.ChunkedArray) -> Ints:
    return _own_copy(column, np.int64)


def _microseconds(column: pa.ChunkedArray) -> Ints:
    """Microseconds since 1970; UNKNOWN where there is no moment."""
    moments: Any = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    return _ints(moments.fill_null(UNKNOWN))


def _own_copy(column: pa.ChunkedArray, dtype: type[np.generic]) -> NDArray[Any]:
    """A writable array, like all others that compiled code takes, which would be compiled anew for read-only ones."""
    return np.require(column.to_numpy(), dtype, "W")
