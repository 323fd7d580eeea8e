"""Sets aside the lines of a file that cannot be used, with the reasons."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from citizens.imports.blocks import Block


@dataclass(slots=True)
class Quarantine:
    """Collects the lines that cannot be used, and writes them to one file at the end of the import."""

    stem: str
    reasons: dict[int, str] = field(default_factory=dict)

    def add(self, line: int, reason: str) -> None:
        self.reasons[line] = reason

    def add_all(self, block: Block, reasons: Mapping[int, str]) -> None:
        """Adds the records of a block that could not be read, and the rows at the places that `reasons` names."""
        for line, reason in block.refused:
            self.add(line, reason)
        for place, reason in reasons.items():
            self.add(int(block.lines[place]), reason)

    def write(self, raw: Mapping[int, Any]) -> Path | None:
        """Writes a file under var/quarantine/ with each line as it was (`raw`); returns None if every line was good."""
        if not self.reasons:
            return None
        folder = settings.SESAME_VAR / "quarantine"
        folder.mkdir(parents=True, exist_ok=True)
        path: Path = folder / f"{self.stem}-{timezone.now():%Y%m%dT%H%M%S%f}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("line", "reason", "as_it_was"))
            writer.writerows((line, reason, _as_it_was(raw[line])) for line, reason in sorted(self.reasons.items()))
        return path


def _as_it_was(record: Any) -> str:
    text = record if isinstance(record, str) else json.dumps(record, default=str, ensure_ascii=False)
    return text.replace("\0", "\\0")
