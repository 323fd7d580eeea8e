"""The only bridge from rows to arrays: consented, live rows become columns sorted by citizen."""

import datetime as dt
from dataclasses import dataclass

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import pyarrow as pa
from django.utils import timezone

from scoring.engine.model import ROLES, Events, Floats, Ints, Population, Ties
from scoring.engine.solve import REVERSE_ROLE
from sesame_site.kit.dsn import libpq_uri

DAY = 86_400.0

CITIZENS = """
    SELECT c.id, (c.left_at IS NULL OR c.left_at > {known}) AND EXISTS (
        SELECT 1 FROM citizens_consent k
        WHERE k.citizen_id = c.id AND k.granted_at <= {known} AND (k.withdrawn_at IS NULL OR k.withdrawn_at > {known})
    ) AS eligible
    FROM citizens_citizen c ORDER BY c.id
"""
TYPES = "SELECT id FROM citizens_behaviourtype ORDER BY id"
BEHAVIOURS = """
    SELECT b.citizen_id, b.type_id::int4 AS type_id, b.occurred_at, b.amount
    FROM citizens_behaviour b
    JOIN citizens_consent k ON k.citizen_id = b.citizen_id AND k.source_id = b.source_id
        AND k.granted_at <= {known} AND (k.withdrawn_at IS NULL OR k.withdrawn_at > {known})
    WHERE b.recorded_at <= {known} AND (b.retracted_at IS NULL OR b.retracted_at > {known})
"""
TIES = """
    SELECT first_id, second_id, array_position(ARRAY[{roles}], kind::text) - 1 AS role, strength
    FROM citizens_tie WHERE started_at <= {alive} AND (ended_at IS NULL OR ended_at > {alive})
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen population. Row `i` of every array is the citizen `citizen_ids[i]`; kind `k` is `type_ids[k]`."""

    as_of: dt.datetime
    citizen_ids: Ints
    type_ids: list[int]
    population: Population

    @property
    def behaviours(self) -> int:
        return len(self.population.events.kind)

    @property
    def ties(self) -> int:
        return len(self.population.ties.other) // 2


def take(*, as_of: dt.datetime | None = None, known_at: dt.datetime | None = None) -> Snapshot:
    """The population at `as_of` (default: now), from what was known at `known_at` (default: now).

    Reads everything in one transaction, so the parts belong together. Ages are days before `as_of`; events after it
    have a negative age and count for nothing. In a replay of the past `as_of` is earlier than `known_at`: ties are
    those of the time, consent is today's.
    """
    known_at = known_at or timezone.now()
    as_of = as_of or known_at
    words = {
        "known": _literal(known_at),
        "alive": _literal(min(as_of, known_at)),
        "roles": ", ".join(f"'{role}'" for role in ROLES),
    }
    with adbc.connect(libpq_uri()) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Everything is read, so a nested loop never pays; without statistics after an import one would be chosen.
        cursor.execute("SET LOCAL enable_nestloop = off")
        citizens = _read(cursor, CITIZENS, words)
        type_ids = _ints(_read(cursor, TYPES, words), "id")
        behaviours = _read(cursor, BEHAVIOURS, words)
        ties = _read(cursor, TIES, words)
    ids = _ints(citizens, "id")
    eligible = citizens["eligible"].to_numpy().astype(bool)
    population = Population(
        events=_events(behaviours, ids, type_ids, as_of),
        ties=_ties(ties, ids),
        eligible=eligible,
    )
    return Snapshot(as_of, ids, type_ids.tolist(), population)


def _events(rows: pa.Table, ids: Ints, type_ids: Ints, as_of: dt.datetime) -> Events:
    citizen = np.searchsorted(ids, _ints(rows, "citizen_id"))
    kind = np.searchsorted(type_ids, _ints(rows, "type_id")).astype(np.int32)
    occurred = _microseconds(rows, "occurred_at")
    amount = _floats(rows, "amount")
    # A total order, so that a citizen's number does not depend on the order in which rows come out of the database.
    order = np.lexsort((amount, kind, occurred, citizen))
    return Events(
        indptr=_offsets(citizen, len(ids)),
        kind=kind[order],
        age_days=(_since_1970(as_of) - occurred[order]) / (DAY * 1e6),
        amount=amount[order],
    )


def _ties(rows: pa.Table, ids: Ints) -> Ties:
    role = _ints(rows, "role")
    return Ties.from_pairs(
        len(ids),
        np.searchsorted(ids, _ints(rows, "first_id")),
        np.searchsorted(ids, _ints(rows, "second_id")),
        role,
        REVERSE_ROLE[role],
        _floats(rows, "strength"),
    )


def _offsets(citizen: Ints, n: int) -> Ints:
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(citizen, minlength=n), out=indptr[1:])
    return indptr


def _read(cursor: adbc.Cursor, query: str, words: dict[str, str]) -> pa.Table:
    cursor.execute(query.format(**words))
    return cursor.fetch_arrow_table()


def _ints(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].to_numpy(), np.int64)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), np.float64)


def _microseconds(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(), np.int64)


def _since_1970(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _literal(moment: dt.datetime) -> str:
    return f"'{moment.astimezone(dt.UTC).isoformat()}'::timestamptz"
