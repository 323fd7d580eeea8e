"""Reads whole tables of PostgreSQL as columns: in parts, on several connections at once.

Sending and receiving single rows takes both PostgreSQL and the client most of their time. So a part of a table is
read as one row of byte strings, one string for each column, which costs PostgreSQL little and the client next to
nothing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from adbc_driver_postgresql import dbapi as adbc
from numpy.typing import NDArray

from scoring.engine.kernels.threads import processors
from sesame_site.kit.database.dsn import libpq_uri

PAGES_PER_PART = 2_000
# PostgreSQL allows about a hundred connections in all, for everybody.
MOST_CONNECTIONS = 4
PART = "SELECT {columns} FROM {table} WHERE ctid >= '({first},0)' AND ctid < '({stop},0)' AND {which}"
PAGES = """
    SELECT pg_relation_size('{table}') / current_setting('block_size')::int8 AS pages, pg_export_snapshot() AS snapshot
"""
Columns = dict[str, NDArray[Any]]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Table:
    """What to read of a table: for each column, the expression that sends a value and the dtype of what it sends.

    No value may be null. `which` is a condition; names in braces in it are replaced when the table is read.
    """

    name: str
    columns: dict[str, tuple[str, str]]
    which: str

    def part(self, first: int, **values: str) -> str:
        """The query for the rows on the pages from `first` on, PAGES_PER_PART of them."""
        sent = (f"string_agg({value}, ''::bytea) AS {name}" for name, (value, _) in self.columns.items())
        pages = {"first": first, "stop": first + PAGES_PER_PART}
        return PART.format(columns=", ".join(sent), table=self.name, which=self.which.format(**values), **pages)


def same_for(columns: Columns, value: int, dtype: type[np.integer] = np.int64) -> NDArray[Any]:
    """A column with this value in every row of a table that has `citizen_id`."""
    return np.full(len(columns["citizen_id"]), value, dtype)


def each_part(cursor: adbc.Cursor, table: Table, work: Callable[[Columns], Result], **values: str) -> list[Result]:
    """The results of `work` on every part of the table, in order, as the transaction of `cursor` sees it.

    Raises what `work` raises, and ValueError if a value is null.
    """
    cursor.execute(PAGES.format(table=table.name))
    found = cursor.fetch_arrow_table().to_pylist()[0]
    queries = [table.part(first, **values) for first in range(0, max(found["pages"], 1), PAGES_PER_PART)]
    if len(queries) == 1:
        return [work(_columns(cursor, table, queries[0]))]
    results: dict[int, Result] = {}
    remaining = iter(enumerate(queries))

    def read_parts() -> None:
        with _same_snapshot(found["snapshot"]) as beside:
            # The threads share this iterator. It is written in C, so it gives each query to one thread only.
            for number, query in remaining:
                results[number] = work(_columns(beside, table, query))

    connections = min(processors(), MOST_CONNECTIONS, len(queries))
    with ThreadPoolExecutor(connections) as threads:
        for done in [threads.submit(read_parts) for _ in range(connections)]:
            done.result()
    return [results[number] for number in range(len(queries))]


@contextmanager
def _same_snapshot(snapshot: str) -> Iterator[adbc.Cursor]:
    """A cursor on a new connection that sees the same rows as the transaction that exported the snapshot."""
    with adbc.connect(libpq_uri()) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        try:
            yield cursor
        finally:
            connection.rollback()


def _columns(cursor: adbc.Cursor, table: Table, query: str) -> Columns:
    cursor.execute(query)
    row = cursor.fetch_arrow_table().to_pylist()[0]
    columns = {name: _numbers(row[name], dtype) for name, (_, dtype) in table.columns.items()}
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError(f"{table.name}: a value is null, and its row cannot be told from the others")
    return columns


def _numbers(sent: bytes | None, dtype: str) -> NDArray[Any]:
    """The numbers of a byte string in network byte order; it is None where the part has no row."""
    arrived = np.dtype(dtype).newbyteorder(">")
    return np.frombuffer(sent or b"", arrived).astype(arrived.newbyteorder("="))
