"""The only way from database rows to the engine's arrays: consented, live rows become columns sorted by citizen.

The columns are kept as files, and brought up to date with what changed since they were written. `take` does both.
"""

import datetime as dt
import logging
from dataclasses import replace

import numpy as np

from scoring.engine.arrays import Ints
from scoring.engine.kernels.rows import among, merged, with_events, with_ties
from scoring.engine.model import Population
from scoring.snapshot import files
from scoring.snapshot.arranging import behaviour_rows, everybody, own_rows, tie_rows
from scoring.snapshot.model import Snapshot
from scoring.snapshot.reading import UNBOUNDED, Changes, Reader, open_connection, reader

__all__ = [
    "UNBOUNDED",
    "Changes",
    "Reader",
    "Snapshot",
    "current",
    "files",
    "open_connection",
    "reader",
    "replay",
    "save",
    "take",
]

logger = logging.getLogger(__name__)

# Reading these shares of the citizens, or of the behaviours, by their identifiers takes about as long as reading all.
LARGEST_SHARE_OF_CITIZENS = 0.2
LARGEST_SHARE_OF_BEHAVIOURS = 0.05
# Up to this number of changes, neither the share nor writing new files matters.
FEW_CHANGES = 1_000
# Files are written again when this share of the citizens has changed.
SHARE_TO_SAVE = 0.01


def take() -> Snapshot:
    """Reads the population as it is now: the kept files brought up to date, or else all tables."""
    with reader() as read:
        return replace(current(files.load(), read), pg_snapshot=read.pg_snapshot, known_at=read.known_at)


def replay(as_of: dt.datetime, *, known_at: dt.datetime) -> Snapshot:
    """Reads the population as it was known at `known_at`, with the ties of `as_of`; no files are used or written.

    Consent is that of `known_at`. Behaviours after `as_of` are included; the fold leaves them out.
    """
    with reader() as read:
        ids, type_ids, population = everybody(read, known=known_at, alive=min(as_of, known_at))
        return Snapshot(ids, type_ids, population, read.pg_snapshot, known_at, read.tables)


def save(snapshot: Snapshot) -> None:
    """Writes the snapshot to files for the next `take`, unless the files that exist hold nearly the same."""
    if snapshot.since_kept is None or snapshot.since_kept > max(FEW_CHANGES, SHARE_TO_SAVE * len(snapshot)):
        files.save(snapshot)


def current(kept: Snapshot | None, read: Reader) -> Snapshot:
    """The population now: `kept` itself where nothing has changed since, else a new snapshot."""
    return (kept and _extended(kept, read)) or _read_anew(read)


def _extended(kept: Snapshot, read: Reader) -> Snapshot | None:
    """The snapshot `kept` brought up to date; None where that is not possible, or reading all tables is faster."""
    if why := _why_not_ours(kept, read):
        logger.warning("snapshot_refused", extra={"reason": why})
        return None
    changes, type_ids = read.changes_since(kept.pg_snapshot), read.type_ids()
    if not changes.is_bounded or _are_many(changes, kept):
        return None
    later = read.citizens_after(kept.citizen_ids)
    if not len(changes.everybody) and not len(later) and np.array_equal(type_ids, kept.type_ids):
        return kept
    ids = np.concatenate([kept.citizen_ids, later])
    # A citizen with a lower identifier than others, who became visible later, would shift the position of the others.
    if not among(ids, changes.everybody).all() or not np.array_equal(type_ids[: len(kept.type_ids)], kept.type_ids):
        return None
    population = _with_changes(kept.population, changes, ids, type_ids, read)
    touched = None if kept.since_kept is None else kept.since_kept + len(changes.everybody)
    return Snapshot(ids, type_ids, population, read.pg_snapshot, read.known_at, read.tables, touched)


def _why_not_ours(kept: Snapshot, read: Reader) -> str:
    """Why `kept` cannot be an earlier state of what is read; empty where it can."""
    if kept.tables != read.tables:
        return "it is of another database, or the tables were made anew"
    if any(held > now for held, now in zip(_ends(kept.pg_snapshot), _ends(read.pg_snapshot), strict=True)):
        return "it has seen more than the database: that was put back to an earlier state"
    return ""


def _ends(pg_snapshot: str) -> tuple[int, int]:
    """The oldest transaction that was under way, and the first that had not begun; both never go back."""
    oldest, next_one, _under_way = pg_snapshot.split(":")
    return int(oldest), int(next_one)


def _are_many(changes: Changes, kept: Snapshot) -> bool:
    """Whether so many citizens or behaviours may have to be read that reading all tables is faster."""
    citizens = max(changes.times.sum() - len(changes.behaviours), len(changes.tied))
    behaviours = len(changes.behaviours)
    return bool(
        citizens > max(FEW_CHANGES, LARGEST_SHARE_OF_CITIZENS * len(kept))
        or behaviours > max(FEW_CHANGES, LARGEST_SHARE_OF_BEHAVIOURS * kept.behaviours)
    )


def _read_anew(read: Reader) -> Snapshot:
    ids, type_ids, population = everybody(read)
    return Snapshot(ids, type_ids, population, read.pg_snapshot, read.known_at, read.tables)


def _with_changes(before: Population, changes: Changes, ids: Ints, type_ids: Ints, read: Reader) -> Population:
    n, newcomers = len(ids), len(ids) - len(before)
    eligible = np.pad(before.eligible, (0, newcomers))
    events, ties = replace(before.events, indptr=np.pad(before.events.indptr, (0, newcomers), mode="edge")), before.ties
    if len(changes.citizens):
        rows = np.searchsorted(ids, changes.citizens)
        added, removed, count = behaviour_rows(read, changes.behaviours, changes.citizens, type_ids)
        fresh, certain = merged(events, rows, added, removed)
        # A citizen is read again whole unless all their changes are behaviours that could be added or removed.
        others = np.flatnonzero(~certain | (count != changes.times) | (rows >= len(before)))
        anew, eligible[rows[others]] = own_rows(read, changes.citizens[others], type_ids)
        events = with_events(events, rows, with_events(fresh, others, anew, len(rows)), n)
    if len(changes.tied) or newcomers:
        rows = np.searchsorted(ids, changes.tied)
        ties = with_ties(ties, rows, tie_rows(read, ids, rows), n)
    return Population(events, ties, eligible)
