"""NDJSON and Parquet: a record has names and types of its own."""

import datetime as dt
import gzip
import itertools
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext as _

from citizens.imports.blocks import ROWS_AT_ONCE, Block, Columns, Refused, Unreadable, no_column, open_text

KEY: tuple[tuple[type, ...], str] = (str, int), "text or a whole number"
NUMBER: tuple[tuple[type, ...], str] = (int, float, Decimal), "a number"
MOMENT: tuple[tuple[type, ...], str] = (str, int, float, Decimal, dt.date), "a time"
TYPES = {"amount": NUMBER, "strength": NUMBER, "occurred_at": MOMENT, "since": MOMENT}
# As the REST interface takes it: of these, every character is the source's own.
EXACT = ("external_id",)


def ndjson(path: Path, columns: Columns) -> Iterator[Block]:
    with open_text(path) as file:
        lines = ((number, line.rstrip("\r\n")) for number, line in enumerate(file, 1) if line.strip())
        while block := list(itertools.islice(lines, ROWS_AT_ONCE)):
            yield _told(((number, line, _object(line)) for number, line in block), columns)


def _object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def parquet(path: Path, columns: Columns) -> Iterator[Block]:
    import pyarrow.parquet as pq

    packed = path.suffix == ".gz"
    file = pq.ParquetFile(pa.BufferReader(gzip.decompress(path.read_bytes())) if packed else path)
    names = file.schema_arrow.names
    places = columns.among(names)
    for name in columns.required:
        if name not in places and not columns.places:
            raise no_column(path, name, names, columns)
        if (place := places.get(name, name)) not in names:
            raise Unreadable(
                _(
                    "%(path)s: there is no column “%(place)s” for “%(name)s”; its columns are %(names)s. Say which "
                    "it is with --map."
                )
                % {"path": path, "place": place, "name": name, "names": ", ".join(names)}
            )
    first = 1
    for batch in file.iter_batches(ROWS_AT_ONCE):
        yield _told(((first + index, record, record) for index, record in enumerate(batch.to_pylist())), columns)
        first += len(batch)


def _told(records: Iterable[tuple[int, Any, dict[str, Any] | None]], columns: Columns) -> Block:
    """Records (line, as it stood, by name) as columns of text."""
    raws: dict[int, Any] = {}
    rows: dict[int, list[str]] = {}
    refused = []
    for line, raw, record in records:
        raws[line] = raw
        told = "is not a JSON object" if record is None else _texts(record, columns)
        if isinstance(told, str):
            refused.append(Refused(line, told))
        else:
            rows[line] = told
    values = {
        name: pa.array([row[place] for row in rows.values()], pa.string()) for place, name in enumerate(columns.fields)
    }
    return Block(np.array(list(rows), np.int64), values, raws, refused)


def _texts(record: dict[str, Any], columns: Columns) -> list[str] | str:
    """The text of every field, or what is wrong with the record."""
    texts = []
    places = columns.among(record)
    for name in columns.fields:
        value = record.get(places.get(name, name))
        if value is None and name in columns.required:
            return f"has no “{name}”"
        if value is not None and (isinstance(value, bool) or not isinstance(value, TYPES.get(name, KEY)[0])):
            return f"{name} must be {TYPES.get(name, KEY)[1]}, not {_what(value)}"
        text = "" if value is None else str(value) if name in EXACT else str(value).strip()
        if "\0" in text:
            return "contains a NUL character"
        if not text.isascii() and not _is_text(text):
            return f"{name} holds half a character"
        texts.append(text)
    return texts


def _what(value: Any) -> str:
    """What a value is, in the words of JSON."""
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _is_text(text: str) -> bool:
    """JSON can spell half of a pair of surrogates, which no database keeps."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
