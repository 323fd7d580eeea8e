"""The one way from a file to rows: read → understand → write → quarantine. Each kind of file says what it means."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext as _

from citizens.imports.blocks import Block, Columns
from citizens.imports.quarantine import Quarantine
from citizens.imports.reading import read


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a file; each kind of file adds counts of its own."""

    read: int = 0
    added: int = 0
    already_there: int = 0
    citizens_created: int = 0
    quarantined: int = 0
    quarantine: str | None = None


Counts = TypeVar("Counts", bound=Outcome)


class Understanding(Protocol):
    """Turns blocks of texts into columns of values, and sets aside the rows that mean nothing."""

    def __call__(self, block: Block) -> pa.Table:
        """The rows of the block that can be understood. The column `line` says where each stands in the file."""


class Import(Protocol[Counts]):
    """A file of one kind, and how it is to be read."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def columns(self) -> Columns:
        """The fields of a row, and where they stand."""

    def outcome(self) -> Counts:
        """An outcome in which nothing is counted yet."""

    def understanding(self, quarantine: Quarantine) -> Understanding:
        """How blocks become rows."""

    def write(self, rows: pa.Table, outcome: Counts, quarantine: Quarantine) -> None:
        """Write what is new, count it, announce it and record it, in the transaction of the caller."""


def import_file(job: Import[Counts], *, progress: Callable[[str], None]) -> Counts:
    """Read the whole file, then write in one transaction what is new.

    Lines that cannot be used go to a quarantine file, with the reason; the others are taken whole or not at all.
    Raises Unreadable, and has imported nothing, if the file cannot be read or lines cannot be set aside.
    """
    outcome, quarantine = job.outcome(), Quarantine(stem_of(job.path))
    quarantine.refuse_unless_writable()
    understand = job.understanding(quarantine)
    raw: dict[int, Any] = {}
    tables = []
    for block in read(job.path, job.columns, progress=progress):
        raw |= block.raw
        tables.append(understand(block))
    outcome.read = len(raw)
    progress(_("%(read)s rows read; writing") % {"read": f"{outcome.read:,}"})
    with transaction.atomic():
        job.write(pa.concat_tables(tables), outcome, quarantine)
        path = quarantine.write(raw)
    outcome.quarantined, outcome.quarantine = len(quarantine.reasons), str(path) if path else None
    return outcome


def stem_of(path: Path) -> str:
    """The file's name without its endings."""
    return path.name.partition(".")[0] or "file"
