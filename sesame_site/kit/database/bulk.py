"""Whole columns into and out of tables, without an object per row."""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from sesame_site.kit.database.dsn import libpq_uri
from sesame_site.kit.moments import microseconds

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER = SIGNATURE + bytes(8)
TRAILER = b"\xff\xff"
ROWS_PER_WRITE = 1 << 16
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# Timestamps are microseconds since 2000.
MICROSECONDS_TO_2000 = microseconds(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))


def copy_in(cursor: CursorWrapper, table: str, columns: Mapping[str, NDArray[Any]], *, options: str = "") -> None:
    """Appends rows in PostgreSQL's binary format, from arrays without nulls.

    They are of int16, int32, int64 or float64, or of void (V18, say) for byte strings of one length.
    """
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    count = len(next(iter(arrays.values())))
    names = ", ".join(arrays)
    statement = f"COPY {table} ({names}) FROM STDIN (FORMAT binary{options and f', {options}'})"
    with cursor.copy(statement) as copy:
        copy.write(HEADER)
        for first in range(0, count, ROWS_PER_WRITE):
            copy.write(_packed({name: column[first : first + ROWS_PER_WRITE] for name, column in arrays.items()}))
        copy.write(TRAILER)


def copy_texts(cursor: CursorWrapper, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Appends rows in PostgreSQL's text format, from columns of one length of strings, numbers, dates or booleans.

    No value may be null, and no string may hold a NUL.
    """
    rows = zip(*(_as_text(column) for column in columns.values()), strict=True)
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        while lines := ["\t".join(row) for row in itertools.islice(rows, ROWS_PER_WRITE)]:
            copy.write("\n".join(lines) + "\n")


def copy_table(cursor: CursorWrapper, table: str, rows: "pa.Table") -> None:
    """Appends the rows of an Arrow table of strings and numbers, by the names of its columns; no string holds a NUL."""
    # The import takes a while, and most commands do not need it.
    from pyarrow import csv

    names = ", ".join(rows.column_names)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
        csv.write_csv(rows, cast(Any, _Sink(copy)), csv.WriteOptions(include_header=False, batch_size=ROWS_PER_WRITE))


class _Sink:
    """A file, as far as Arrow is concerned, that writes to a COPY."""

    closed = False

    def __init__(self, copy: "psycopg.Copy") -> None:
        self.write = copy.write

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        """Does nothing, because `write` has already passed everything on."""

    def close(self) -> None:
        self.closed = True


def _as_text(column: Sequence[Any]) -> Iterator[str]:
    if not isinstance(next(iter(column), None), str):
        return map(str, column)
    return (text.translate(ESCAPED) if not text.isalnum() else text for text in column)


def read_columns(query: str) -> dict[str, NDArray[Any]]:
    """Reads the rows of a query as columns without nulls, on a new connection that sees what is committed."""
    # The import takes half a second, and most commands do not need it.
    from adbc_driver_postgresql import dbapi as adbc

    with adbc.connect(libpq_uri()) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        table = cursor.fetch_arrow_table()
    return {name: table[name].to_numpy() for name in table.column_names}


def timestamps(since_1970: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds since 1970 as a column of type timestamptz."""
    return since_1970 - MICROSECONDS_TO_2000


def _packed(columns: Mapping[str, NDArray[Any]]) -> memoryview:
    layout = _layout({name: column.dtype for name, column in columns.items()})
    rows = np.empty(len(next(iter(columns.values()))), layout)
    rows["fields"] = len(columns)
    for name, column in columns.items():
        rows[f"length of {name}"] = column.dtype.itemsize
        rows[name] = column
    return memoryview(rows.tobytes())


def _layout(dtypes: Mapping[str, np.dtype[Any]]) -> np.dtype[Any]:
    """A row of the binary format: the number of fields, then the length and value of each, in network byte order."""

    def fields() -> Iterator[tuple[str, str]]:
        yield "fields", ">i2"
        for name, dtype in dtypes.items():
            yield f"length of {name}", ">i4"
            yield name, dtype.newbyteorder(">").str

    return np.dtype(list(fields()))
