"""Edge lists and CSV: a record is a line, cut where a comma, a tab, a semicolon or white space stands."""

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from citizens.imports.blocks import ROWS_AT_ONCE, Block, Columns, Refused, Unreadable, no_column, open_text
from citizens.imports.checking import Reasons


def text(path: Path, columns: Columns) -> Iterator[Block]:
    each = (line for numbers, lines in _content(path) for line in zip(numbers.tolist(), _list(lines), strict=True))
    first = list(itertools.islice(each, 2))
    if not first:
        return
    if "\0" in first[0][1]:
        raise Unreadable(_("%(path)s: this is not a text file.") % {"path": path})
    delimiter = _delimiter(first[0][1])
    head, *after = [[cell.strip() for cell in _split(line, delimiter)] for _, line in first]
    header = _is_header(head, columns)
    places = _places(path, head, columns, header=header)
    if not header and columns.may_lack_header and after:
        _refuse_names(path, head, after[0], places)
    content = _content(path, after=first[0][0], comments=False) if header else _content(path)
    for numbers, lines in content:
        yield _cut(numbers, lines, delimiter, places, most=len(head) if header else None)


def _content(
    path: Path, *, after: int = 0, comments: bool = True
) -> Iterator[tuple[NDArray[np.int64], pa.StringArray]]:
    """The lines after line `after` that are neither blank nor a comment, many at once, with their numbers.

    Edge lists have `comments`, lines that begin with #; under a header such a line is a record like any other.
    """
    with open_text(path) as file:
        for count in itertools.count(0, ROWS_AT_ONCE):
            lines = pa.array(itertools.islice(file, ROWS_AT_ONCE), pa.string())
            if not len(lines):
                return
            numbers = np.arange(count + 1, count + 1 + len(lines))
            bare = pc.utf8_trim_whitespace(lines)
            kept = (pc.utf8_length(bare).to_numpy() > 0) & (numbers > after)
            if comments:
                kept &= ~pc.starts_with(bare, "#").to_numpy(zero_copy_only=False)
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
            raise Unreadable(
                _("%(path)s: there is no column “%(place)s” for “%(name)s”; %(there)s. Say where it is with --map.")
                % {"path": path, "place": place, "name": name, "there": there}
            )
        places[name] = index
    if missing := [name for name in columns.required if name not in places]:
        if columns.places:
            raise Unreadable(
                _("%(path)s: nothing says which column is “%(missing)s”. Add it to --map.")
                % {"path": path, "missing": missing[0]}
            )
        raise no_column(path, missing[0], cells, columns)
    return places


def _refuse_names(path: Path, head: Sequence[str], second: Sequence[str], places: dict[str, int]) -> None:
    """Raises Unreadable if words stand over numbers: names of columns, not two people."""
    indexes = [index for index in places.values() if index < len(second)]
    if indexes and all(_is_number(second[index]) and not _is_number(head[index]) for index in indexes):
        names = ",".join(f"{name}={head[index]}" for name, index in places.items())
        raise Unreadable(
            _(
                "%(path)s: its first line looks like a header, and names no field; the columns are %(head)s. Say "
                "where the fields stand: --map %(names)s"
            )
            % {"path": path, "head": ", ".join(head), "names": names}
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cut(
    numbers: NDArray[np.int64],
    lines: pa.StringArray,
    delimiter: str | None,
    places: dict[str, int],
    *,
    most: int | None,
) -> Block:
    """The cells at `places`. A line with more than `most` is refused: its cells may stand under other names."""
    width = max(places.values()) + 1
    cells = _cells(lines, delimiter)
    counts = pc.list_value_length(cells).to_numpy()
    reasons = Reasons(len(lines))
    reasons.refuse(counts < width, lambda row: f"has {counts[row]} columns, {width} are needed")
    if most is not None:
        reasons.refuse(counts > most, lambda row: f"has {counts[row]} columns, the header has {most}")
    reasons.refuse(pc.match_substring(lines, "\0").to_numpy(zero_copy_only=False), lambda _: "contains a NUL character")
    refused = [Refused(int(numbers[row]), reason) for row, reason in sorted(reasons.of.items())]
    whole = cells.filter(pa.array(reasons.good))
    values = {name: pc.utf8_trim_whitespace(_column(whole, index)) for name, index in places.items()}
    raw = dict(zip(numbers.tolist(), _list(lines), strict=True))
    return Block(numbers[reasons.good], values, raw, refused)


def _column(cells: "pa.Array[Any]", index: int) -> pa.StringArray:
    return cast(pa.StringArray, pc.list_element(cells, index))


def _cells(lines: pa.StringArray, delimiter: str | None) -> "pa.Array[Any]":
    if delimiter is None:
        return pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lines))
    if pc.any(pc.match_substring(lines, '"')).as_py():
        return pa.array([_split(line, delimiter) for line in _list(lines)], pa.list_(pa.string()))
    return pc.split_pattern(lines, delimiter)
