"""A file of ties, and how it is to be read."""

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from citizens.enums import TieKind
from citizens.imports.blocks import Columns
from citizens.imports.quarantine import Quarantine
from citizens.imports.ties.understanding import TieUnderstanding
from citizens.imports.ties.writing import TieOutcome, write_ties


@dataclass(frozen=True, slots=True)
class TieImport:
    """How to read a file of ties. `kinds` translates the file's words; `kind` holds where it has none."""

    path: Path
    kind: TieKind | None
    places: dict[str, str]
    kinds: dict[str, TieKind] = field(default_factory=dict)
    prefix: str = ""
    create_citizens: bool = False
    source_key: str = ""

    FIELDS = ("first", "second", "kind", "strength", "since")

    @property
    def columns(self) -> Columns:
        return Columns(("first", "second"), ("kind", "strength", "since"), self.places, may_lack_header=True)

    def outcome(self) -> TieOutcome:
        return TieOutcome()

    def understanding(self, quarantine: Quarantine) -> TieUnderstanding:
        return TieUnderstanding(self.path, self.kind, self.kinds, self.prefix, quarantine)

    def write(self, rows: pa.Table, outcome: TieOutcome, quarantine: Quarantine) -> None:
        write_ties(
            rows,
            outcome,
            quarantine,
            path=self.path,
            create_citizens=self.create_citizens,
            source_key=self.source_key,
        )
