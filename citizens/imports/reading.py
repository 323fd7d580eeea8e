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
from typing import Any, NamedTuple

import pyarrow as pa

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

    lines: list[int]
    values: dict[str, list[str]]
    raw: dict[int, Any]
    refused: list[Refused] = field(default_factory=list)


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
            count += len(block.raw)
            if len(block.raw) == ROWS_AT_ONCE:
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
    with _open(path) as file:
        lines = ((number, line.rstrip("\r\n")) for number, line in enumerate(file, 1))
        content = ((number, line) for number, line in lines if line.strip() and not line.lstrip().startswith("#"))
        first = list(itertools.islice(content, 2))
        if not first:
            return
        if "\0" in first[0][1]:
            raise Unreadable(f"{path}: this is not a text file.")
        split = _splitter(first[0][1])
        head, *after = [[cell.strip() for cell in split(line)] for _, line in first]
        header = _is_header(head, columns)
        places = _places(path, head, columns, header=header)
        if not header and columns.may_lack_header and after:
            _refuse_names(path, head, after[0], places)
        rows = itertools.chain(first[1:] if header else first, content)
        while block := list(itertools.islice(rows, ROWS_AT_ONCE)):
            yield _cut(block, split, places)


def _splitter(line: str) -> Callable[[str], list[str]]:
    for delimiter in (",", "\t", ";"):
        if delimiter in line:
            return lambda text: (
                next(csv.reader([text], delimiter=delimiter), []) if '"' in text else text.split(delimiter)
            )
    return str.split


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


def _cut(block: list[tuple[int, str]], split: Callable[[str], list[str]], places: dict[str, int]) -> Block:
    width = max(places.values()) + 1
    refused = []
    rows = [(number, split(line)) for number, line in block]
    wrong = {
        number: len(cells)
        for (number, cells), (_, line) in zip(rows, block, strict=True)
        if len(cells) < width or "\0" in line
    }
    for number, count in wrong.items():
        words = f"has {count} columns, {width} are needed" if count < width else "contains a NUL character"
        refused.append(Refused(number, words))
    if wrong:
        rows = [row for row in rows if row[0] not in wrong]
    values = {name: [cells[index].strip() for _, cells in rows] for name, index in places.items()}
    return Block([number for number, _ in rows], values, dict(block), refused)


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
    block = Block([], {name: [] for name in columns.fields}, {})
    for line, raw, record in records:
        block.raw[line] = raw
        told = "is not a JSON object" if record is None else _texts(record, columns)
        if isinstance(told, str):
            block.refused.append(Refused(line, told))
            continue
        block.lines.append(line)
        for column, text in zip(block.values.values(), told, strict=True):
            column.append(text)
    return block


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
