"""From tables of rows to the columns of the engine."""

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
from scoring.engine.model import REVERSE_ROLE, Events, Population, Ties
from scoring.snapshot.reading import ALWAYS, Reader
from scoring.snapshot.whole import Columns
from sesame_site.kit.database.bulk import MICROSECONDS_TO_2000


class Unknown(LookupError):
    """Rows speak of a citizen who is not among those given, or one who is given is not there."""


def everybody(
    read: Reader, *, known: dt.datetime = ALWAYS, alive: dt.datetime = ALWAYS
) -> tuple[Ints, Ints, Population]:
    """(identifiers of citizens, of behaviour types, population) of what was known and alive at these moments."""
    citizens, type_ids = read.citizens(known), read.type_ids()
    ids = _ints(citizens["id"])
    places, consented = finder(ids), _consented(read.consents(known), ids)
    parts = read.all_ties(lambda part: _placed_ties(part, places), alive)
    with ThreadPoolExecutor(1) as beside:
        ties = beside.submit(lambda: ties_from_pairs(len(ids), *_whole(parts)))
        parts = read.all_behaviours(lambda part: _placed_events(part, places, consented, type_ids), known)
        citizen, kind, occurred, amount = _whole(parts)
        eligible = citizens["is_member"].to_numpy() & (np.diff(consented[0]) > 0)
        return ids, type_ids, Population(arranged(citizen, kind, occurred, amount, len(ids)), ties.result(), eligible)


def own_rows(read: Reader, ids: Ints, type_ids: Ints) -> tuple[Events, Mask]:
    """What these citizens did, a row each, as far as they consent to its source; and who may be scored at all.

    Raises Unknown if one of them does not exist.
    """
    citizens = read.citizens(of=ids)
    if len(citizens) != len(ids):
        raise Unknown
    return _own_rows(citizens, read.consents(of=ids), read.behaviours(of=ids), type_ids)


def behaviour_rows(read: Reader, behaviours: Ints, ids: Ints, type_ids: Ints) -> tuple[Events, Events, Ints]:
    """(those of these behaviours that count, those retracted, how many there are of either), a row for each of `ids`.

    Those whose citizen does not consent to the source are only counted.
    """
    rows = read.behaviours_one_by_one(behaviours)
    citizen, retracted = positions(ids, _ints(rows["citizen_id"])), rows["is_retracted"].to_numpy()
    count = np.bincount(citizen[citizen >= 0], minlength=len(ids))
    leave_out_refused(citizen, _ints(rows["source_id"]), *_consented(read.consents(of=ids), ids))
    columns = _event_columns(rows, type_ids)
    came, went = (
        arranged(np.where(which, citizen, np.int32(-1)), *columns, len(ids)) for which in (~retracted, retracted)
    )
    return came, went, count


def tie_rows(read: Reader, ids: Ints, rows: Ints) -> Ties:
    """The ties of the citizens at the positions `rows` of `ids`, a row each, in this order.

    Raises Unknown if the other end of one is not among `ids`.
    """
    whole = _ties(read.ties(of=ids[rows]), ids)
    starts, stops = whole.indptr[rows], whole.indptr[rows + 1]
    indptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(stops - starts, out=indptr[1:])
    entries = np.repeat(starts - indptr[:-1], stops - starts) + np.arange(indptr[-1])
    return Ties(indptr, whole.other[entries], whole.role[entries], whole.strength[entries])


def _own_rows(citizens: pa.Table, consents: pa.Table, behaviours: pa.Table, type_ids: Ints) -> tuple[Events, Mask]:
    ids = _ints(citizens["id"])
    indptr, sources = _consented(consents, ids)
    who = positions(ids, _ints(behaviours["citizen_id"]))
    leave_out_refused(who, _ints(behaviours["source_id"]), indptr, sources)
    eligible = citizens["is_member"].to_numpy() & (np.diff(indptr) > 0)
    return arranged(who, *_event_columns(behaviours, type_ids), len(ids)), eligible


def _consented(consents: pa.Table, ids: Ints) -> tuple[Ints, Ints]:
    """(row pointers, sources): whom each citizen lets speak of them."""
    citizen, source = positions(ids, _ints(consents["citizen_id"])), _ints(consents["source_id"])
    order = np.argsort(citizen, kind="stable")
    return offsets(citizen[citizen >= 0], len(ids)), source[order][np.count_nonzero(citizen < 0) :]


def _event_columns(behaviours: pa.Table, type_ids: Ints) -> tuple[NDArray[np.int16], Ints, Floats]:
    """(kind, moment, amount) of each."""
    kind = positions(type_ids, _ints(behaviours["type_id"])).astype(np.int16)
    return kind, _microseconds(behaviours["occurred_at"]), _own_copy(behaviours["amount"], np.float64)


def _placed_events(part: Columns, places: Finder, consented: tuple[Ints, Ints], type_ids: Ints) -> list[NDArray[Any]]:
    """[position of the citizen, −1 where there is no consent; kind, moment, amount] of a part of all behaviours."""
    citizen, source = places(part["citizen_id"]), part["source_and_type"] >> 32
    leave_out_refused(citizen, source, *consented)
    kind = positions(type_ids, part["source_and_type"] & 0xFFFFFFFF).astype(np.int16)
    return [citizen, kind, part["occurred_at"] + MICROSECONDS_TO_2000, part["amount"]]


def _placed_ties(part: Columns, places: Finder) -> list[NDArray[Any]]:
    """[first, second, role of the second, role of the first, strength] of a part of all ties."""
    role = part["role"]
    return [places(part["first_id"]), places(part["second_id"]), role, REVERSE_ROLE[role], part["strength"]]


def _whole(parts: list[list[NDArray[Any]]]) -> list[NDArray[Any]]:
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _ties(rows: pa.Table, ids: Ints) -> Ties:
    role = _own_copy(rows["role"], np.int64)
    first, second = (positions(ids, _ints(rows[name])) for name in ("first_id", "second_id"))
    if (first < 0).any() or (second < 0).any():
        raise Unknown
    return ties_from_pairs(len(ids), first, second, role, REVERSE_ROLE[role], _own_copy(rows["strength"], np.float32))


@njit(cache=True, nogil=True)
def leave_out_refused(citizen, source, indptr, consented):  # type: ignore[no-untyped-def]
    """Sets the position to -1 wherever the citizen does not consent to the source."""
    for e in range(len(citizen)):
        i = citizen[e]
        if i < 0:
            continue
        found = False
        for c in range(indptr[i], indptr[i + 1]):
            found |= consented[c] == source[e]
        if not found:
            citizen[e] = -1


def _ints(column: pa.ChunkedArray) -> Ints:
    return _own_copy(column, np.int64)


def _microseconds(column: pa.ChunkedArray) -> Ints:
    return _ints(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()))


def _own_copy(column: pa.ChunkedArray, dtype: type[np.generic]) -> NDArray[Any]:
    """Writable, as everything else that compiled code is given: it would be compiled anew for what is not."""
    return np.require(column.to_numpy(), dtype, "W")
