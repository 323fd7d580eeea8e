"""Rows of a file, whatever its format: edge list, CSV, NDJSON or Parquet, gzip-compressed or not."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

LINES_BETWEEN_NEWS = 200_000


class Unreadable(Exception):
    """The file as a whole cannot be used; the text says why and what to do."""


class Row(NamedTuple):
    """One record: its line (from 1; for Parquet its number), its values by field, and how it stood in the file."""

    line: int
    values: dict[str, str]
    raw: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands. `places` maps a field to a column name or a number from 1; empty: found by header."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    places: dict[str, str]

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


def parse_map(text: str | None, fields: Iterable[str]) -> dict[str, str]:
    """`citizen=1,amount=2` as a dict. Raises Unreadable naming the field at fault."""
    places: dict[str, str] = {}
    for part in filter(None, (text or "").split(",")):
        field, equals, place = (piece.strip() for piece in part.partition("="))
        if not equals or not place:
            raise Unreadable(f"--map takes field=column pairs, such as citizen=1; “{part}” is not one.")
        if field not in fields:
            raise Unreadable(f"--map knows the fields {', '.join(fields)}; “{field}” is none of them.")
        if place.isdigit() and int(place) == 0:
            raise Unreadable(f"--map counts columns from 1; “{part}” says 0.")
        places[field] = place
    return places


def read(path: Path, columns: Columns, *, progress: Callable[[str], None]) -> Iterator[Row]:
    """Every record in order. Raises Unreadable if the file is missing, empty, damaged or lacks a column."""
    if not path.is_file():
        raise Unreadable(f"{path}: there is no such file." if not path.exists() else f"{path}: this is not a file.")
    try:
        kind = next((suffix for suffix in reversed(path.suffixes) if suffix != ".gz"), "")
        if kind == ".parquet":
            rows = _parquet(path, columns)
        elif kind in (".ndjson", ".jsonl"):
            rows = _ndjson(path, columns)
        else:
            rows = _text(path, columns)
        count = 0
        for count, row in enumerate(rows, 1):
            if count % LINES_BETWEEN_NEWS == 0:
                progress(f"{count:,} rows read")
            yield row
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable(f"{path}: the gzip data are damaged or cut off ({error}). Nothing was imported.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: this is not UTF-8 text. Nothing was imported.") from error
    except (pa.ArrowException, csv.Error, OSError) as error:
        raise Unreadable(f"{path}: cannot be read: {error}. Nothing was imported.") from error
    if not count:
        raise Unreadable(f"{path}: there are no rows in it.")


def _open(path: Path) -> io.TextIOBase:
    """The text of the file; the caller closes it."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    text: io.TextIOBase = opened(path, "rt", encoding="utf-8-sig", newline="")
    return text


def _text(path: Path, columns: Columns) -> Iterator[Row]:
    with _open(path) as file:
        lines = ((number, line.rstrip("\r\n")) for number, line in enumerate(file, 1))
        content = ((number, line) for number, line in lines if line.strip() and not line.lstrip().startswith("#"))
        first = next(content, None)
        if first is None:
            return
        if "\0" in first[1]:
            raise Unreadable(f"{path}: this is not a text file.")
        split = _splitter(first[1])
        cells = split(first[1])
        header = _is_header(cells, columns)
        places = _places(path, cells, columns, header=header)
        if not header:
            yield _row(*first, split(first[1]), places)
        for number, line in content:
            yield _row(number, line, split(line), places)


def _splitter(line: str) -> Callable[[str], list[str]]:
    for delimiter in (",", "\t", ";"):
        if delimiter in line:
            return lambda text: (
                next(csv.reader([text], delimiter=delimiter), []) if '"' in text else text.split(delimiter)
            )
    return str.split


def _is_header(cells: Sequence[str], columns: Columns) -> bool:
    named = {place for place in columns.places.values() if not place.isdigit()}
    return bool(named) or (not columns.places and set(columns.required) <= {cell.strip() for cell in cells})


def _places(path: Path, cells: Sequence[str], columns: Columns, *, header: bool) -> dict[str, int]:
    """The index of each field that the file has."""
    names = {cell.strip(): index for index, cell in enumerate(cells)} if header else {}
    if columns.places:
        wanted = columns.places
    elif header:
        wanted = {field: field for field in columns.fields if field in names}
    else:
        wanted = {field: str(number) for number, field in enumerate(columns.required, 1)}
    places = {}
    for field, place in wanted.items():
        index = int(place) - 1 if place.isdigit() else names.get(place, -1)
        if not 0 <= index < len(cells):
            there = f"its columns are {', '.join(names)}" if header else f"its first row has {len(cells)}"
            raise Unreadable(
                f"{path}: there is no column “{place}” for “{field}”; {there}. Say where it is with --map."
            )
        places[field] = index
    if missing := [field for field in columns.required if field not in places]:
        raise Unreadable(f"{path}: nothing says which column is “{missing[0]}”. Add it to --map.")
    return places


def _row(number: int, line: str, cells: Sequence[str], places: dict[str, int]) -> Row:
    if len(cells) <= max(places.values()):
        return Row(number, {}, line, f"has {len(cells)} columns, {max(places.values()) + 1} are needed")
    if "\0" in line:
        return Row(number, {}, line.replace("\0", "\\0"), "contains a NUL character")
    return Row(number, {field: cells[index].strip() for field, index in places.items()}, line)


def _ndjson(path: Path, columns: Columns) -> Iterator[Row]:
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (json.JSONDecodeError, RecursionError):
                record = None
            if isinstance(record, dict):
                yield _record(number, record, columns, line.rstrip("\r\n"))
            else:
                yield Row(number, {}, line.rstrip("\r\n")[:1000], "is not a JSON object")


def _parquet(path: Path, columns: Columns) -> Iterator[Row]:
    if path.suffix == ".gz":
        file = pq.ParquetFile(pa.BufferReader(gzip.decompress(path.read_bytes())))
    else:
        file = pq.ParquetFile(path)
    named = {field: columns.places.get(field, field) for field in columns.required}
    for field, place in named.items():
        if place not in file.schema_arrow.names:
            there = ", ".join(file.schema_arrow.names)
            raise Unreadable(f"{path}: there is no column “{place}” for “{field}”; its columns are {there}.")
    number = 0
    for batch in file.iter_batches():
        for record in batch.to_pylist():
            number += 1
            yield _record(number, record, columns, "")


def _record(number: int, record: dict[str, Any], columns: Columns, raw: str) -> Row:
    values = {field: record.get(columns.places.get(field, field)) for field in columns.fields}
    found = {field: str(value) for field, value in values.items() if value is not None}
    raw = raw or json.dumps(record, default=str, ensure_ascii=False)
    if missing := [field for field in columns.required if field not in found]:
        return Row(number, {}, raw, f"has no “{missing[0]}”")
    if any("\0" in value for value in found.values()):
        return Row(number, {}, raw, "contains a NUL character")
    return Row(number, found, raw)
