"""Where lines that cannot be used are set aside, with the reason."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from citizens.imports.reading import Row


@dataclass(slots=True)
class Quarantine:
    """Collects (line, reason, raw) and writes them beside nothing else, once, at the end."""

    stem: str
    rows: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, row: Row, reason: str) -> None:
        self.rows.append((row.line, reason, row.raw))

    def write(self) -> Path | None:
        """The file under var/quarantine/, or None if every line was good."""
        if not self.rows:
            return None
        folder = settings.SESAME_VAR / "quarantine"
        folder.mkdir(parents=True, exist_ok=True)
        path: Path = folder / f"{self.stem}-{timezone.now():%Y%m%dT%H%M%S%f}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("line", "reason", "as_it_was"))
            writer.writerows(sorted(self.rows))
        return path
