"""Whole tables out of PostgreSQL as columns: in parts, on several lines at once.

Both PostgreSQL and who reads from it spend most of their time on single rows. So a part of a table comes as one row of
byte strings, a string for each column: little more work there, and next to none here.
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

PAGES_AT_ONCE = 2_000
# A database has room for a hundred lines or so, of others too.
MOST_LINES = 4
PART = "SELECT {columns} FROM {table} WHERE ctid >= '({first},0)' AND ctid < '({stop},0)' AND {which}"
PAGES = """
    SELECT pg_relation_size('{table}') / current_setting('block_size')::int8 AS pages, pg_export_snapshot() AS snapshot
"""
Columns = dict[str, NDArray[Any]]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Table:
    """What to read of a table: for each column the expression that sends a value, and as what it arrives.

    No value may be null. `which` is a condition; words in braces in it are filled in when the table is read.
    """

    name: str
    columns: dict[str, tuple[str, str]]
    which: str

    def part(self, first: int, **words: str) -> str:
        """The query for the rows on so many pages from `first` on."""
        sent = (f"string_agg({value}, ''::bytea) AS {name}" for name, (value, _) in self.columns.items())
        pages = {"first": first, "stop": first + PAGES_AT_ONCE}
        return PART.format(columns=", ".join(sent), table=self.name, which=self.which.format(**words), **pages)


def each_part(cursor: adbc.Cursor, table: Table, work: Callable[[Columns], Result], **words: str) -> list[Result]:
    """`work` done on every part of the table, as the transaction of `cursor` sees it, in the order of the parts.

    Raises what `work` raises, and ValueError if a value is null.
    """
    cursor.execute(PAGES.format(table=table.name))
    found = cursor.fetch_arrow_table().to_pylist()[0]
    queries = [table.part(first, **words) for first in range(0, max(found["pages"], 1), PAGES_AT_ONCE)]
    if len(queries) == 1:
        return [work(_columns(cursor, table, queries[0]))]
    results: dict[int, Result] = {}
    waiting = iter(enumerate(queries))

    def serve() -> None:
        with _another(found["snapshot"]) as beside:
            # Whoever comes next takes the next: what an iterator of C hands out, it hands out once.
            for number, query in waiting:
                results[number] = work(_columns(beside, table, query))

    lines = min(processors(), MOST_LINES, len(queries))
    with ThreadPoolExecutor(lines) as threads:
        for done in [threads.submit(serve) for _ in range(lines)]:
            done.result()
    return [results[number] for number in range(len(queries))]


@contextmanager
def _another(snapshot: str) -> Iterator[adbc.Cursor]:
    """A line beside the first that sees the very same rows."""
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
    """They arrive with the most significant byte first; no row at all makes no string."""
    arrived = np.dtype(dtype).newbyteorder(">")
    return np.frombuffer(sent or b"", arrived).astype(arrived.newbyteorder("="))
