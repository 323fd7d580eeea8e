"""A snapshot as files: columns to map into memory, and a manifest that says what they hold, with checksums.

Every snapshot has a folder of its own, written beside and named by the link `current` once it is whole. Who has mapped
an earlier one keeps it until they let go.
"""

import datetime as dt
import functools
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
from django.db import connection
from numpy.typing import NDArray

from scoring.engine.model import Events, Population, Ties
from scoring.snapshot.model import Snapshot

logger = logging.getLogger(__name__)

FORMAT = 1
MANIFEST = "manifest.json"
CURRENT = "current"


class Damaged(Exception):
    """The files are not what the manifest says, or not ours."""


def save(taken: Snapshot) -> None:
    """Write the snapshot's files and make them the current ones, in one instant; if the disk refuses, log why."""
    home = _home()
    folder = home / uuid.uuid4().hex
    try:
        home.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        _write(taken, folder)
        link = home / f"{folder.name}.link"
        link.symlink_to(folder.name)
        link.replace(home / CURRENT)
    except OSError as error:
        logger.warning("snapshot_not_kept", extra={"reason": str(error)})
        shutil.rmtree(folder, ignore_errors=True)
    else:
        _remove_others(home, folder)


def load() -> Snapshot | None:
    """The current files, checked; None if there are none, or if they are damaged, which is logged."""
    with suppress(FileNotFoundError):
        folder = (_home() / CURRENT).resolve(strict=True)
        try:
            return _loaded(folder)
        except (Damaged, ValueError, KeyError, TypeError, OSError, EOFError) as error:
            logger.warning("snapshot_damaged", extra={"folder": folder.name, "reason": str(error)})
    return None


def _write(taken: Snapshot, folder: Path) -> None:
    columns = _columns(taken)
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column, allow_pickle=False)
    manifest = {
        "format": FORMAT,
        "seen": taken.seen,
        "known_at": taken.known_at.isoformat(),
        "tables": taken.tables,
        "citizens": len(taken),
        "behaviours": taken.behaviours,
        "ties": taken.ties,
        "columns": {name: _described(column) for name, column in columns.items()},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))


@functools.lru_cache(maxsize=1)
def _loaded(folder: Path) -> Snapshot:
    manifest = json.loads((folder / MANIFEST).read_text())
    if manifest["format"] != FORMAT:
        raise Damaged(f"format {manifest['format']} instead of {FORMAT}")
    column = _all_mapped(folder, manifest["columns"])
    events = Events(*(column[f"events.{field.name}"] for field in fields(Events)))
    ties = Ties(*(column[f"ties.{field.name}"] for field in fields(Ties)))
    return Snapshot(
        column["citizen_ids"],
        column["type_ids"],
        Population(events, ties, column["eligible"]),
        manifest["seen"],
        dt.datetime.fromisoformat(manifest["known_at"]),
        manifest["tables"],
        since_kept=0,
    )


def _columns(taken: Snapshot) -> dict[str, NDArray[Any]]:
    population = taken.population
    events = {f"events.{field.name}": getattr(population.events, field.name) for field in fields(Events)}
    ties = {f"ties.{field.name}": getattr(population.ties, field.name) for field in fields(Ties)}
    return {
        "citizen_ids": taken.citizen_ids, "type_ids": taken.type_ids, "eligible": population.eligible,
    } | events | ties  # fmt: skip


def _all_mapped(folder: Path, said: dict[str, Any]) -> dict[str, NDArray[Any]]:
    with ThreadPoolExecutor() as threads:
        columns = threads.map(lambda name: _mapped(folder / f"{name}.npy", said[name]), said)
        return dict(zip(said, columns, strict=True))


def _mapped(path: Path, said: dict[str, Any]) -> NDArray[Any]:
    # Copied on write, so that compiled code sees the same kind of array as one made in memory; nobody writes.
    column = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    if _described(column) != said:
        raise Damaged(f"{path.name} is not what was written")
    return column


def _described(column: NDArray[Any]) -> dict[str, Any]:
    return {"dtype": column.dtype.str, "length": len(column), "crc32": zlib.crc32(np.ascontiguousarray(column).data)}


def _home() -> Path:
    return Path(settings.SESAME_VAR) / "snapshots" / str(connection.settings_dict["NAME"])


def _remove_others(home: Path, folder: Path) -> None:
    for other in home.iterdir():
        if other.name not in (CURRENT, folder.name):
            shutil.rmtree(other, ignore_errors=True) if other.is_dir() else other.unlink(missing_ok=True)
