"""What every format is read into, and where in a file each field stands."""

import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext as _
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
            raise Unreadable(
                _("--map takes field=column pairs, such as citizen=1; “%(part)s” is not one.") % {"part": part}
            )
        if name not in fields:
            raise Unreadable(
                _("--map knows the fields %(fields)s; “%(name)s” is none of them.")
                % {"fields": ", ".join(fields), "name": name}
            )
        if place.isdigit() and int(place) == 0:
            raise Unreadable(_("--map counts columns from 1; “%(part)s” says 0.") % {"part": part})
        places[name] = place
    return places


def no_column(path: Path, name: str, there: Sequence[str], columns: Columns) -> Unreadable:
    return Unreadable(
        _(
            "%(path)s: there is no column “%(name)s”; the columns are %(there)s. Say where the fields stand: "
            "%(example)s, or column names."
        )
        % {"path": path, "name": name, "there": ", ".join(there), "example": columns.example()}
    )


def open_text(path: Path) -> io.TextIOBase:
    """The text of the file; the caller closes it."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    text: io.TextIOBase = opened(path, "rt", encoding="utf-8-sig", newline="")
    return text
