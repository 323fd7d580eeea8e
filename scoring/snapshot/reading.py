"""Reads rows of PostgreSQL as Arrow tables, all as of one moment."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from adbc_driver_postgresql import dbapi as adbc

from citizens.enums import ChangeKind, Context
from citizens.models.transactions import BEFORE_THIS_CLUSTER, IN_THIS_CLUSTER
from scoring.engine.arrays import Ints
from scoring.engine.model import ROLES
from scoring.snapshot.whole import Columns, Result, Table, each_part
from sesame_site.kit.database.dsn import libpq_uri

MOMENT = """
    SELECT pg_current_snapshot()::text AS pg_snapshot, clock_timestamp() AS known_at,
        (SELECT system_identifier FROM pg_control_system())::text || '/' ||
        (SELECT timeline_id FROM pg_control_checkpoint())::text || '/' ||
        (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' || (
            SELECT string_agg(pg_relation_filenode(name::regclass)::text, '/') FROM unnest(ARRAY[
                'citizens_citizen', 'citizens_consent', 'citizens_behaviourtype', 'citizens_behaviour', 'citizens_tie'
            ]) AS name
        ) AS tables
"""
CITIZENS = """
    SELECT id, (left_at IS NULL OR left_at > {known}) AS is_member FROM citizens_citizen WHERE true {which} ORDER BY id
"""
LATER_CITIZENS = "SELECT id FROM citizens_citizen WHERE id > {last} ORDER BY id"
CONSENTS = """
    SELECT citizen_id, source_id, contexts::text AS contexts FROM citizens_consent
    WHERE granted_at <= {known} AND (withdrawn_at IS NULL OR withdrawn_at > {known})
        AND NOT is_waiting AND (counts_from IS NULL OR counts_from <= {known}) {which}
"""
TYPES = "SELECT id FROM citizens_behaviourtype ORDER BY id"
CONTEXTS = "SELECT context FROM citizens_behaviourtype WHERE true {which} ORDER BY id"
COUNTS = "recorded_at <= {known} AND (retracted_at IS NULL OR retracted_at > {known})"
BEHAVIOURS = f"""
    SELECT citizen_id, source_id, type_id, occurred_at, amount FROM citizens_behaviour WHERE {COUNTS} {{which}}
"""
BEHAVIOURS_OF_IDS = """
    SELECT citizen_id, source_id, type_id, occurred_at, amount, retracted_at IS NOT NULL AS is_retracted
    FROM citizens_behaviour WHERE true {which}
"""
ROLE = "CASE kind " + " ".join(f"WHEN '{role}' THEN {number}" for number, role in enumerate(ROLES)) + " END"
IS_ALIVE = "started_at <= {alive} AND (ended_at IS NULL OR ended_at > {alive})"
TIES = f"""
    SELECT first_id, second_id, ({ROLE})::int2 AS role, strength::float4, since
    FROM citizens_tie WHERE {IS_ALIVE} {{which}}
"""
# The source and type are packed into one number, as there are fewer than two billion of either.
ALL_BEHAVIOURS = Table(
    "citizens_behaviour",
    {
        "citizen_id": ("int8send(citizen_id)", "i8"),
        "source_and_type": ("int8send(source_id << 32 | type_id)", "i8"),
        "occurred_at": ("timestamptz_send(occurred_at)", "i8"),
        "amount": ("float8send(amount)", "f8"),
    },
    COUNTS,
)
ALL_TIES = Table(
    "citizens_tie",
    {
        "first_id": ("int8send(first_id)", "i8"),
        "second_id": ("int8send(second_id)", "i8"),
        "role": (f"int2send(({ROLE})::int2)", "i2"),
        "strength": ("float4send(strength::float4)", "f4"),
        "since": ("timestamptz_send(coalesce(since, '-infinity'))", "i8"),
    },
    IS_ALIVE,
)
CHANGES = f"""
    SELECT kind, citizen_id, CASE kind WHEN 'behaviour' THEN subject_id END AS behaviour_id,
        CASE kind WHEN 'tie' THEN subject_id END AS tie_id
    FROM citizens_change
    WHERE xid >= {BEFORE_THIS_CLUSTER} + pg_snapshot_xmin('{{pg_snapshot}}'::pg_snapshot)::text::int8
        AND NOT pg_visible_in_snapshot({IN_THIS_CLUSTER.format(xid="xid")}, '{{pg_snapshot}}')
"""
# This is a query of its own, because a join reads all ties whenever the planner overestimates how many changed.
ENDS = "SELECT first_id, second_id FROM citizens_tie WHERE true {which}"
# Contexts as bits of one number.
PLACE_OF = {str(context): place for place, context in enumerate(Context)}
ALWAYS = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
UNBOUNDED = (ChangeKind.IMPORT, ChangeKind.DELETION)


def _nothing() -> Ints:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Changes:
    """What was written since an earlier snapshot, as sorted identifiers.

    `citizens` are those whose own rows changed, `tied` those whose ties did. `behaviours` were added or retracted.
    `times` is the number of changes of each of `citizens`. Changes are not bounded if an import or a deletion is among
    them, of which no single rows are known.
    """

    citizens: Ints
    tied: Ints
    is_bounded: bool
    times: Ints = field(default_factory=_nothing)
    behaviours: Ints = field(default_factory=_nothing)

    @property
    def everybody(self) -> Ints:
        return np.union1d(self.citizens, self.tied)


class Reader:
    """Reads in one read-only transaction, so that all parts are of the same moment.

    `pg_snapshot` tells which transactions are visible to it, and `known_at` when it began. `tables` identifies the
    database and the state of its tables: it differs after a table was truncated, or restored from a dump or to a point
    in time.
    """

    def __init__(self, cursor: adbc.Cursor) -> None:
        self._cursor = cursor
        moment = self._read(MOMENT).to_pylist()[0]
        self.pg_snapshot: str = moment["pg_snapshot"]
        self.known_at: dt.datetime = moment["known_at"]
        self.tables: str = moment["tables"]

    def changes_since(self, pg_snapshot: str) -> Changes:
        rows = self._read(CHANGES, pg_snapshot=pg_snapshot)
        kinds = set(rows["kind"].unique().to_pylist())
        citizens, times = np.unique(_identifiers(rows["citizen_id"]), return_counts=True)
        ends = self._read(ENDS, which=_which("id", np.unique(_identifiers(rows["tie_id"]))))
        tied = np.concatenate([_identifiers(ends["first_id"]), _identifiers(ends["second_id"])])
        behaviours = np.unique(_identifiers(rows["behaviour_id"]))
        return Changes(citizens, np.unique(tied), not kinds & set(UNBOUNDED), times, behaviours)

    def citizens(self, known: dt.datetime = ALWAYS, *, of: Ints | None = None) -> pa.Table:
        return self._read(CITIZENS, known=_literal(known), which=_which("id", of))

    def citizens_after(self, ids: Ints) -> Ints:
        """The identifiers of citizens that are higher than all of these."""
        return _identifiers(self._read(LATER_CITIZENS, last=str(ids.max(initial=0)))["id"])

    def consents(self, known: dt.datetime = ALWAYS, *, of: Ints | None = None) -> pa.Table:
        """Those that count: given, not withdrawn, and not waiting because an earlier one was withdrawn."""
        return self._read(CONSENTS, known=_literal(known), which=_which("citizen_id", of))

    def behaviours(self, of: Ints) -> pa.Table:
        return self._read(BEHAVIOURS, known=_literal(ALWAYS), which=_which("citizen_id", of))

    def all_behaviours(self, work: Callable[[Columns], Result], known: dt.datetime) -> list[Result]:
        """The results of `work` on each part of the behaviours known and not retracted, in columns ALL_BEHAVIOURS."""
        return each_part(self._cursor, ALL_BEHAVIOURS, work, known=_literal(known))

    def behaviours_of_ids(self, ids: Ints) -> pa.Table:
        """The behaviours with these identifiers, retracted or not."""
        return self._read(BEHAVIOURS_OF_IDS, which=_which("id", ids))

    def ties(self, of: Ints) -> pa.Table:
        which = f"AND ({_which('first_id', of)[4:]} OR {_which('second_id', of)[4:]})"
        return self._read(TIES, alive=_literal(ALWAYS), which=which)

    def all_ties(self, work: Callable[[Columns], Result], alive: dt.datetime) -> list[Result]:
        """The results of `work` on each part of the ties alive at that moment, in columns ALL_TIES."""
        return each_part(self._cursor, ALL_TIES, work, alive=_literal(alive))

    def type_ids(self) -> Ints:
        return _identifiers(self._read(TYPES)["id"])

    def contexts(self, type_ids: Ints) -> Ints:
        """The context of each of these behaviour types, as a bit."""
        told = self._read(CONTEXTS, which=_which("id", type_ids))["context"]
        return np.array([1 << PLACE_OF[str(context)] for context in told.to_pylist()], np.int64)

    def _read(self, query: str, **values: str) -> pa.Table:
        self._cursor.execute(query.format(**values))
        return self._cursor.fetch_arrow_table()


def open_connection() -> adbc.Connection:
    """Opens a connection for readers. Whoever reads often keeps one, as opening takes longer than a small read."""
    return adbc.connect(libpq_uri())


@contextmanager
def reader(connection: adbc.Connection | None = None) -> Iterator[Reader]:
    """A reader of the rows as they are now, on this connection or else on a new one."""
    with nullcontext(connection) if connection else open_connection() as used, used.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield Reader(cursor)
        finally:
            used.rollback()


def _which(column: str, of: Ints | None) -> str:
    return "" if of is None else f"AND {column} = ANY('{{{','.join(map(str, of.tolist()))}}}'::int8[])"


def _identifiers(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.drop_null().to_numpy(), np.int64)


def _literal(moment: dt.datetime) -> str:
    return f"'{moment.astimezone(dt.UTC).isoformat()}'::timestamptz"
