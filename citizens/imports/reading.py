"""Records of a file, whatever its format: edge list, CSV, NDJSON or Parquet, gzip-compressed or not."""

import csv
import datetime as dt
import gzip
import io
import itertools
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ROWS_AT_ONCE = 100_000


class Unreadable(Exception):
    """The file as a whole cannot be used; the text says why and what to do."""


class Refused(NamedTuple):
    """A record that could not be taken apart."""

    line: int
    reason: str


@dataclass(slots=True)
class Block:
    """Many records as columns: where each stands (its line from 1; for Parquet its number), and its texts by field.

    An optional field that a record does not have is empty; one that no record has may be missing. `raw` holds every
    record as it stood in the file, by line, the refused ones too.
    """

    lines: NDArray[np.int64]
    values: dict[str, pa.StringArray]
    raw: dict[int, Any]
    refused: list[Refused]

    def texts(self, name: str) -> pa.StringArray:
        """The field of every record; empty where no record has it."""
        return self.values[name] if name in self.values else pa.repeat("", len(self.lines))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands.

    `places` maps a field to a column name or a number from 1; empty: found by the names in the first line. Without
    such names the required fields stand first, in their order, if `may_lack_header`. `also` has other names of fields.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    places: dict[str, str]
    may_lack_header: bool = False
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)

    def among(self, names: Iterable[str]) -> dict[str, str]:
        """The column of each field that is there, or that --map names."""
        if self.places:
            return self.places
        there = set(names)
        known = {name: (name if name in there else self.also.get(name, "")) for name in self.fields}
        return {name: place for name, place in known.items() if place in there}

    def example(self) -> str:
        return "--map " + ",".join(f"{name}={number}" for number, name in enumerate(self.required, 1))


def parse_map(text: str | None, fields: Iterable[str]) -> dict[str, str]:
    """`citizen=1,amount=2` as a dict. Raises Unreadable naming the field at fault."""
    places: dict[str, str] = {}
    for part in filter(None, (text or "").split(",")):
        name, equals, place = (piece.strip() for piece in part.partition("="))
        if not equals or not place:
            raise Unreadable(f"--map takes field=column pairs, such as citizen=1; “{part}” is not one.")
        if name not in fields:
            raise Unreadable(f"--map knows the fields {', '.join(fields)}; “{name}” is none of them.")
        if place.isdigit() and int(place) == 0:
            raise Unreadable(f"--map counts columns from 1; “{part}” says 0.")
        places[name] = place
    return places


def read(path: Path, columns: Columns, *, progress: Callable[[str], None]) -> Iterator[Block]:
    """Every record in order. Raises Unreadable if the file is missing, empty, damaged or lacks a column."""
    if not path.is_file():
        raise Unreadable(f"{path}: there is no such file." if not path.exists() else f"{path}: this is not a file.")
    count = 0
    try:
        for block in _reader(path)(path, columns):
            before, count = count, count + len(block.raw)
            if before // ROWS_AT_ONCE < count // ROWS_AT_ONCE:
                progress(f"{count:,} rows read")
            yield block
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable(f"{path}: the gzip data are damaged or cut off ({error}). Nothing was imported.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: this is not UTF-8 text. Nothing was imported.") from error
    except (pa.ArrowException, csv.Error, OSError) as error:
        words = str(error).strip().rstrip(".")
        raise Unreadable(f"{path}: cannot be read: {words}. Nothing was imported.") from error
    if not count:
        raise Unreadable(f"{path}: there are no rows in it.")


def _reader(path: Path) -> Callable[[Path, Columns], Iterator[Block]]:
    kind = next((suffix for suffix in reversed(path.suffixes) if suffix != ".gz"), "")
    return {".parquet": _parquet, ".ndjson": _ndjson, ".jsonl": _ndjson}.get(kind, _text)


def _open(path: Path) -> io.TextIOBase:
    """The text of the file; the caller closes it."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    text: io.TextIOBase = opened(path, "rt", encoding="utf-8-sig", newline="")
    return text


# --- Columns of text ---


def _text(path: Path, columns: Columns) -> Iterator[Block]:
    each = (line for numbers, lines in _content(path) for line in zip(numbers.tolist(), _list(lines), strict=True))
    first = list(itertools.islice(each, 2))
    if not first:
        return
    if "\0" in first[0][1]:
        raise Unreadable(f"{path}: this is not a text file.")
    delimiter = _delimiter(first[0][1])
    head, *after = [[cell.strip() for cell in _split(line, delimiter)] for _, line in first]
    header = _is_header(head, columns)
    places = _places(path, head, columns, header=header)
    if not header and columns.may_lack_header and after:
        _refuse_names(path, head, after[0], places)
    for numbers, lines in _content(path, after=first[0][0] if header else 0):
        yield _cut(numbers, lines, delimiter, places)


def _content(path: Path, *, after: int = 0) -> Iterator[tuple[NDArray[np.int64], pa.StringArray]]:
    """The lines after line `after` that are neither blank nor a comment, many at once, with their numbers."""
    with _open(path) as file:
        for count in itertools.count(0, ROWS_AT_ONCE):
            lines = pa.array(itertools.islice(file, ROWS_AT_ONCE), pa.string())
            if not len(lines):
                return
            numbers = np.arange(count + 1, count + 1 + len(lines))
            bare = pc.utf8_trim_whitespace(lines)
            comment = pc.starts_with(bare, "#").to_numpy(zero_copy_only=False)
            kept = (pc.utf8_length(bare).to_numpy() > 0) & ~comment & (numbers > after)
            yield numbers[kept], pc.utf8_rtrim(lines.filter(pa.array(kept)), "\r\n")


def _list(texts: pa.StringArray) -> list[str]:
    return cast(list[str], texts.to_pylist())


def _delimiter(line: str) -> str | None:
    """What stands between the cells of a line; None for white space."""
    return next((delimiter for delimiter in (",", "\t", ";") if delimiter in line), None)


def _split(line: str, delimiter: str | None) -> list[str]:
    if delimiter and '"' in line:
        return next(csv.reader([line], delimiter=delimiter), [])
    return line.split(delimiter)


def _is_header(cells: Sequence[str], columns: Columns) -> bool:
    """With --map, if it names a column; without, if the first line names a field, or if there must be a header."""
    if columns.places:
        return not all(place.isdigit() for place in columns.places.values())
    return not columns.may_lack_header or bool(columns.among(cells))


def _places(path: Path, cells: Sequence[str], columns: Columns, *, header: bool) -> dict[str, int]:
    """The index of each field that the file has."""
    names = {cell: index for index, cell in enumerate(cells)} if header else {}
    if header or columns.places:
        wanted = columns.among(names)
    else:
        wanted = {name: str(number) for number, name in enumerate(columns.required, 1)}
    places = {}
    for name, place in wanted.items():
        index = int(place) - 1 if place.isdigit() else names.get(place, -1)
        if not 0 <= index < len(cells):
            there = f"its columns are {', '.join(names)}" if header else f"its first row has {len(cells)}"
            raise Unreadable(f"{path}: there is no column “{place}” for “{name}”; {there}. Say where it is with --map.")
        places[name] = index
    if missing := [name for name in columns.required if name not in places]:
        if columns.places:
            raise Unreadable(f"{path}: nothing says which column is “{missing[0]}”. Add it to --map.")
        raise _no_column(path, missing[0], cells, columns)
    return places


def _no_column(path: Path, name: str, there: Sequence[str], columns: Columns) -> Unreadable:
    return Unreadable(
        f"{path}: there is no column “{name}”; the columns are {', '.join(there)}. "
        f"Say where the fields stand: {columns.example()}, or column names."
    )


def _refuse_names(path: Path, head: Sequence[str], second: Sequence[str], places: dict[str, int]) -> None:
    """Raises Unreadable if words stand over numbers: names of columns, not two people."""
    indexes = [index for index in places.values() if index < len(second)]
    if indexes and all(_is_number(second[index]) and not _is_number(head[index]) for index in indexes):
        names = ",".join(f"{name}={head[index]}" for name, index in places.items())
        raise Unreadable(
            f"{path}: its first line looks like a header, and names no field; the columns are {', '.join(head)}. "
            f"Say where the fields stand: --map {names}"
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cut(numbers: NDArray[np.int64], lines: pa.StringArray, delimiter: str | None, places: dict[str, int]) -> Block:
    width = max(places.values()) + 1
    cells = _cells(lines, delimiter)
    counts = pc.list_value_length(cells).to_numpy()
    short, nul = counts < width, pc.match_substring(lines, "\0").to_numpy(zero_copy_only=False)
    refused = [
        Refused(
            int(numbers[row]),
            f"has {counts[row]} columns, {width} are needed" if short[row] else "contains a NUL character",
        )
        for row in np.flatnonzero(short | nul)
    ]
    good = ~(short | nul)
    whole = cells.filter(pa.array(good))
    values = {name: pc.utf8_trim_whitespace(_column(whole, index)) for name, index in places.items()}
    raw = dict(zip(numbers.tolist(), _list(lines), strict=True))
    return Block(numbers[good], values, raw, refused)


def _column(cells: "pa.Array[Any]", index: int) -> pa.StringArray:
    return cast(pa.StringArray, pc.list_element(cells, index))


def _cells(lines: pa.StringArray, delimiter: str | None) -> "pa.Array[Any]":
    if delimiter is None:
        return pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lines))
    if pc.any(pc.match_substring(lines, '"')).as_py():
        return pa.array([_split(line, delimiter) for line in _list(lines)], pa.list_(pa.string()))
    return pc.split_pattern(lines, delimiter)


# --- Records with names and types ---


def _ndjson(path: Path, columns: Columns) -> Iterator[Block]:
    with _open(path) as file:
        lines = ((number, line.rstrip("\r\n")) for number, line in enumerate(file, 1) if line.strip())
        while block := list(itertools.islice(lines, ROWS_AT_ONCE)):
            yield _told(((number, line, _object(line)) for number, line in block), columns)


def _object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _parquet(path: Path, columns: Columns) -> Iterator[Block]:
    import pyarrow.parquet as pq

    packed = path.suffix == ".gz"
    file = pq.ParquetFile(pa.BufferReader(gzip.decompress(path.read_bytes())) if packed else path)
    names = file.schema_arrow.names
    places = columns.among(names)
    for name in columns.required:
        if name not in places and not columns.places:
            raise _no_column(path, name, names, columns)
        if (place := places.get(name, name)) not in names:
            raise Unreadable(
                f"{path}: there is no column “{place}” for “{name}”; its columns are {', '.join(names)}. "
                "Say which it is with --map."
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
        text = "" if value is None else str(value)
        if "\0" in text:
            return "contains a NUL character"
        if not text.isascii() and not _is_text(text):
            return f"{name} holds half a character"
        texts.append(text)
    return texts


KEY: tuple[tuple[type, ...], str] = (str, int), "text or a whole number"
NUMBER: tuple[tuple[type, ...], str] = (int, float, Decimal), "a number"
MOMENT: tuple[tuple[type, ...], str] = (str, int, float, Decimal, dt.date), "a time"
TYPES = {"amount": NUMBER, "strength": NUMBER, "occurred_at": MOMENT}


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
