"""A snapshot as files: columns that are mapped into memory, and a manifest that describes them, with checksums.

Every snapshot has a folder of its own. The link `current` points to it once it is complete. A process that has mapped
an earlier one keeps that until it drops the arrays. The database keeps the name of the folder, so that a database whose
files were put back as they were earlier does not take what a later state of it left here for its own.
"""

import datetime as dt
import functools
import hashlib
import json
import logging
import shutil
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import Error, connection
from numpy.typing import NDArray

from scoring.engine.model import Events, Population, Ties
from scoring.models import KeptFiles
from scoring.snapshot.model import Snapshot

logger = logging.getLogger(__name__)

FORMAT = 3
MANIFEST = "manifest.json"
CURRENT = "current"


class Damaged(Exception):
    """The files differ from the manifest, it differs from what was written, or they have another format."""


# Python tells of links that lead in a circle by a RuntimeError.
UNUSABLE = (Damaged, ValueError, KeyError, TypeError, AttributeError, OSError, RuntimeError, EOFError)


def save(snapshot: Snapshot) -> None:
    """Writes the snapshot's files and makes them current atomically; what hinders it is logged, not raised."""
    home = _home()
    folder = home / uuid.uuid4().hex
    try:
        home.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        _write(snapshot, folder)
        link = home / f"{folder.name}.link"
        link.symlink_to(folder.name)
        KeptFiles.objects.update_or_create(pk=1, defaults={"folder": folder.name})
        link.replace(home / CURRENT)
    except (OSError, Error) as error:
        logger.warning("snapshot_not_kept", extra={"reason": str(error).strip()})
        shutil.rmtree(folder, ignore_errors=True)
    else:
        _remove_others(home, folder)


def load() -> Snapshot | None:
    """Maps and checks the current files.

    None if there are none, and if they cannot be read, are damaged or unknown to the database, which is logged.
    """
    try:
        folder = _current()
        return _loaded(folder) if folder else None
    except UNUSABLE as error:
        logger.warning("snapshot_damaged", extra={"folder": str(_home()), "reason": str(error)})
    return None


def _current() -> Path | None:
    try:
        folder = (_home() / CURRENT).resolve(strict=True)
    except FileNotFoundError:
        return None
    if not KeptFiles.objects.filter(folder=folder.name).exists():
        raise Damaged("the database does not know these files: they are of another one, or of a later state of it")
    return folder


def _write(snapshot: Snapshot, folder: Path) -> None:
    columns = _columns(snapshot)
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column, allow_pickle=False)
    content = {
        "format": FORMAT,
        "pg_snapshot": snapshot.pg_snapshot,
        "known_at": snapshot.known_at.isoformat(),
        "tables": snapshot.tables,
        "citizens": len(snapshot),
        "behaviours": snapshot.behaviours,
        "ties": snapshot.ties,
        "columns": {name: _described(column) for name, column in columns.items()},
    }
    (folder / MANIFEST).write_text(json.dumps(content | {"sha256": _sum_of(content)}, indent=1))


def _sum_of(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@functools.lru_cache(maxsize=1)
def _loaded(folder: Path) -> Snapshot:
    manifest = json.loads((folder / MANIFEST).read_text())
    if manifest["format"] != FORMAT:
        raise Damaged(f"format {manifest['format']} instead of {FORMAT}")
    if manifest.pop("sha256") != _sum_of(manifest):
        raise Damaged(f"{MANIFEST} is not what was written")
    column = _all_mapped(folder, manifest["columns"])
    events = Events(*(column[f"events.{field.name}"] for field in fields(Events)))
    ties = Ties(*(column[f"ties.{field.name}"] for field in fields(Ties)))
    return Snapshot(
        column["citizen_ids"],
        column["type_ids"],
        Population(events, ties, column["eligible"]),
        manifest["pg_snapshot"],
        dt.datetime.fromisoformat(manifest["known_at"]),
        manifest["tables"],
        since_kept=0,
    )


def _columns(snapshot: Snapshot) -> dict[str, NDArray[Any]]:
    population = snapshot.population
    events = {f"events.{field.name}": getattr(population.events, field.name) for field in fields(Events)}
    ties = {f"ties.{field.name}": getattr(population.ties, field.name) for field in fields(Ties)}
    return {
        "citizen_ids": snapshot.citizen_ids,
        "type_ids": snapshot.type_ids,
        "eligible": population.eligible,
        **events,
        **ties,
    }


def _all_mapped(folder: Path, described: dict[str, Any]) -> dict[str, NDArray[Any]]:
    with ThreadPoolExecutor() as threads:
        columns = threads.map(lambda name: _mapped(folder / f"{name}.npy", described[name]), described)
        return dict(zip(described, columns, strict=True))


def _mapped(path: Path, described: dict[str, Any]) -> NDArray[Any]:
    # Mapped copy-on-write, so that compiled code gets the same type of array as from memory; nothing writes to it.
    column = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    if _described(column) != described:
        raise Damaged(f"{path.name} is not what was written")
    return column


def _described(column: NDArray[Any]) -> dict[str, Any]:
    return {"dtype": column.dtype.str, "length": len(column), "crc32": zlib.crc32(np.ascontiguousarray(column).data)}


def _home() -> Path:
    return Path(settings.SESAME_VAR) / "snapshots" / str(connection.settings_dict["NAME"])


def _remove_others(home: Path, folder: Path) -> None:
    """Removes earlier files; those that cannot be removed stay, and only take up room."""
    with suppress(OSError):
        for other in home.iterdir():
            if other.name not in (CURRENT, folder.name):
                shutil.rmtree(other, ignore_errors=True) if other.is_dir() else other.unlink(missing_ok=True)
