"""Sets aside the lines of a file that cannot be used, with the reasons."""

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.imports.blocks import Block, Unreadable


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

    def refuse_unless_writable(self) -> None:
        """Raises Unreadable where lines could not be set aside."""
        with _said_in_words():
            _folder().mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=_folder()):
                pass

    def write(self, raw: Mapping[int, Any]) -> Path | None:
        """Writes a file under var/quarantine/ with each line as it was (`raw`); returns None if every line was good.

        Raises Unreadable if it cannot be written; then there is no file.
        """
        if not self.reasons:
            return None
        path: Path = _folder() / f"{self.stem}-{timezone.now():%Y%m%dT%H%M%S%f}.csv"
        with _said_in_words():
            try:
                self._write(path, raw)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return path

    def _write(self, path: Path, raw: Mapping[int, Any]) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("line", "reason", "as_it_was"))
            writer.writerows((line, reason, _as_it_was(raw[line])) for line, reason in sorted(self.reasons.items()))


def _folder() -> Path:
    return Path(settings.SESAME_VAR) / "quarantine"


@contextmanager
def _said_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unreadable(
            _(
                "Lines that cannot be used are set aside in %(folder)s, which cannot be written: %(reason)s. "
                "Nothing was imported. Mend the folder and import the file again."
            )
            % {"folder": _folder(), "reason": error.strerror}
        ) from error


def _as_it_was(record: Any) -> str:
    text = record if isinstance(record, str) else json.dumps(record, default=str, ensure_ascii=False)
    return text.replace("\0", "\\0")
