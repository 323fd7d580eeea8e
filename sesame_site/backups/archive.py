"""The file of a backup: a ZIP archive of a dump of the database, the kept secret key, and what it is."""

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.translation import gettext as _

FORMAT = 1
ABOUT, DUMP, SECRET_KEY = "about.json", "database.dump", "secret_key"


class DamagedBackup(Exception):
    """The file is no backup, or not a whole one."""


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself. `server` and `programs` are major versions of PostgreSQL."""

    made_at: str
    server: int
    programs: int
    migrations: list[list[str]]
    format: int = FORMAT

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


@contextmanager
def being_written(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that is at `path` once the block has ended well, for its owner alone to read; else there is none."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w") as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # which fails where there is a file meanwhile
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def being_read(path: Path) -> Iterator[tuple[zipfile.ZipFile, About]]:
    """The archive, and what it says of itself. Raises DamagedBackup, also where the block finds damage."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, About(**json.loads(archive.read(ABOUT)))
    except zipfile.BadZipFile as error:
        raise DamagedBackup(
            _("%(file)s is no backup, or it is damaged: %(reason)s.") % {"file": path, "reason": error}
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedBackup(_("%(file)s is no backup of Sesame.") % {"file": path}) from error
