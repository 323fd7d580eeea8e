"""A file of behaviours, and how it is to be read."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from citizens.imports.behaviours.understanding import BehaviourUnderstanding
from citizens.imports.behaviours.writing import BehaviourOutcome, write_behaviours
from citizens.imports.blocks import Columns
from citizens.imports.quarantine import Quarantine
from citizens.models import BehaviourType, Source


@dataclass(frozen=True, slots=True)
class BehaviourImport:
    """How to read a file of behaviours. `behaviour` is the type of every row, where the file names none.

    A row without an external id gets one from its content and how often that content came before it in the file, so
    importing a file again adds nothing.
    """

    path: Path
    source: Source
    places: dict[str, str]
    behaviour: BehaviourType | None = None
    prefix: str = ""
    create_citizens: bool = False

    FIELDS = ("citizen", "behaviour", "occurred_at", "amount", "external_id")

    @property
    def columns(self) -> Columns:
        required = ("citizen", "occurred_at") if self.behaviour else ("citizen", "behaviour", "occurred_at")
        optional = tuple(name for name in self.FIELDS if name not in required)
        return Columns(required, optional, self.places, also={"behaviour": "type"})

    def outcome(self) -> BehaviourOutcome:
        return BehaviourOutcome()

    def understanding(self, quarantine: Quarantine) -> BehaviourUnderstanding:
        return BehaviourUnderstanding(self.source, self.behaviour, self.prefix, quarantine)

    def write(self, rows: pa.Table, outcome: BehaviourOutcome, quarantine: Quarantine) -> None:
        name = self.path.name
        write_behaviours(
            rows, outcome, quarantine, source=self.source, file_name=name, create_citizens=self.create_citizens
        )
