"""Whole sweeps in plain SQL: temporary tables, one INSERT … SELECT each."""

import io
import os
from functools import cache
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
from pyarrow import csv

from bench.cases import Case
from bench.peers.peer import Answer, Peer, bound_of, is_enough
from sesame_site.services import postgres_url

VAR = Path(os.environ.get("SESAME_VAR", Path(__file__).resolve().parents[2] / "var"))
TABLES = """
    DROP TABLE IF EXISTS person, tie, weight, share, score, after;
    CREATE TEMP TABLE person (i int4 PRIMARY KEY, own float8);
    CREATE TEMP TABLE tie (i int4, j int4, role int2, strength float4);
    CREATE TEMP TABLE weight (role int2, weight float8);
    CREATE TEMP TABLE share (i int4, j int4, a float8);
    CREATE TEMP TABLE score (i int4, s float8, phi float8);
    CREATE TEMP TABLE after (i int4, s float8, phi float8);
"""
# Only ties between two who are scored count.
SHARES = """
    INSERT INTO share
    SELECT i, j, m / (%(k0)s + sum(m) OVER (PARTITION BY i))
    FROM (SELECT t.i, t.j, t.strength * w.weight AS m FROM tie t JOIN weight w USING (role)
          JOIN person p ON p.i = t.i JOIN person q ON q.i = t.j) counting
"""
PHI = "%(lift)s::float8 * greatest(0, s - %(theta_lift)s) - %(drag)s::float8 * greatest(0, %(theta_drag)s - s)"
FIRST = f"INSERT INTO score SELECT i, s, {PHI} FROM (SELECT i, own AS s FROM person) first"
SWEEP = f"""
    INSERT INTO after SELECT i, s, {PHI} FROM (
        SELECT i, least(%(ceiling)s, greatest(%(floor)s,
            own + least(%(cap)s, greatest(-%(cap)s, coalesce(pull, 0)))))::float8 AS s
        FROM person LEFT JOIN (
            SELECT share.i, sum(a * phi) AS pull FROM share JOIN score ON score.i = share.j AND phi <> 0
            GROUP BY share.i
        ) pulls USING (i)
    ) moved
"""
RESIDUAL = "SELECT max(abs(after.s - score.s)) FROM after JOIN score USING (i)"
TURN = """
    TRUNCATE score;
    ALTER TABLE score RENAME TO before; ALTER TABLE after RENAME TO score; ALTER TABLE before RENAME TO after
"""


@cache
def connection() -> psycopg.Connection:
    """To a server of our own, tuned as its handbook advises for large joins; it ends with this process."""
    opened = psycopg.connect(os.environ.get("DATABASE_URL") or postgres_url(VAR / "bench"), autocommit=True)
    for setting in ("temp_buffers = '1GB'", "work_mem = '512MB'", "client_min_messages = warning"):
        opened.execute(f"SET {setting}")
    return opened


def numbers(case: Case) -> dict[str, float]:
    names = ("drag", "lift", "theta_drag", "theta_lift", "cap", "k0", "floor", "ceiling")
    return {name: float(getattr(case.influence, name)) for name in names}


def copied(table: str, *columns: np.ndarray) -> None:
    text = io.BytesIO()
    csv.write_csv(pa.table(list(columns), names=[str(c) for c in range(len(columns))]), text, _BARE)
    with connection().cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        copy.write(text.getbuffer())


_BARE = csv.WriteOptions(include_header=False)


def prepared(case: Case) -> None:
    """The columns as tables, and the share of every tie."""
    connection().execute(TABLES)
    somebody = np.flatnonzero(case.scored)
    copied("person", somebody, case.own[somebody])
    row = np.repeat(np.arange(len(case)), np.diff(case.ties.indptr))
    copied("tie", row, case.ties.other, case.ties.role, case.ties.strength)
    copied("weight", np.arange(len(case.influence.weight)), case.influence.weight)
    connection().execute("ANALYZE person; ANALYZE tie; ANALYZE weight")
    connection().execute(SHARES, numbers(case))
    connection().execute("ANALYZE share")


def swept(case: Case, _: None) -> Answer:
    sweeps, values = 0, numbers(case)
    connection().execute("TRUNCATE score, after")
    connection().execute(FIRST, values)
    connection().execute("ANALYZE score")
    while True:
        connection().execute(SWEEP, values)
        residual = connection().execute(RESIDUAL).fetchall()[0][0]
        connection().execute(TURN)
        sweeps += 1
        if is_enough(residual, case.influence):
            return Answer(scores(case), sweeps, bound_of(residual, case.influence))


def scores(case: Case) -> np.ndarray:
    with connection().cursor() as cursor, cursor.copy("COPY (SELECT i, s FROM score) TO STDOUT (FORMAT csv)") as copy:
        text = b"".join(copy)
    found = np.loadtxt(io.BytesIO(text), delimiter=",", ndmin=2)
    score = np.full(len(case), np.nan)
    score[found[:, 0].astype(np.int64)] = found[:, 1]
    return score


def version() -> str:
    return str(connection().execute("SHOW server_version").fetchall()[0][0])


PEER = Peer("PostgreSQL", version, prepared, swept, most=100_000, slow=True)
