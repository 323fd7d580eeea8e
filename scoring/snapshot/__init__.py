"""The only bridge from rows to arrays: consented, live rows become columns sorted by citizen.

The columns are kept as files and extended by what changed since they were written; `take` does both.
"""

import datetime as dt
from dataclasses import replace

import numpy as np

from scoring.engine.arrays import Ints
from scoring.engine.kernels.rows import among, merged, with_events, with_ties
from scoring.engine.model import Population
from scoring.snapshot import files
from scoring.snapshot.arranging import behaviour_rows, everybody, own_rows, tie_rows
from scoring.snapshot.model import Snapshot
from scoring.snapshot.reading import UNBOUNDED, Changes, Reader, line, reader

__all__ = [
    "UNBOUNDED",
    "Changes",
    "Reader",
    "Snapshot",
    "current",
    "files",
    "line",
    "reader",
    "replay",
    "save",
    "take",
]

# Reading these shares of the citizens, or of the behaviours, one by one costs about as much as reading everybody.
LARGEST_SHARE = 0.2
LARGEST_SHARE_OF_BEHAVIOURS = 0.05
SMALL = 1_000


def take() -> Snapshot:
    """The population now: what was kept, brought up to date, or else everything read anew."""
    with reader() as read:
        return replace(current(files.load(), read), seen=read.seen, known_at=read.known_at)


def replay(as_of: dt.datetime, *, known_at: dt.datetime) -> Snapshot:
    """The population as it was known at `known_at`, with the ties of `as_of`; nothing is kept.

    Consent is that of `known_at`. Events after `as_of` are there, for the fold to leave out.
    """
    with reader() as read:
        ids, type_ids, population = everybody(read, known=known_at, alive=min(as_of, known_at))
        return Snapshot(ids, type_ids, population, read.seen, known_at, read.tables)


def save(taken: Snapshot) -> None:
    """Keep it for the next `take`, unless what is kept is nearly the same."""
    if taken.since_kept is None or taken.since_kept > max(SMALL, len(taken) // 100):
        files.save(taken)


def current(kept: Snapshot | None, read: Reader) -> Snapshot:
    """`kept` itself where nothing has changed since, else what is there now."""
    return (kept and _extended(kept, read)) or _read_anew(read)


def _extended(kept: Snapshot, read: Reader) -> Snapshot | None:
    """`kept` brought up to date; None where that is not possible, or reading everything anew is cheaper."""
    if kept.tables != read.tables:
        return None
    changes, type_ids = read.changes_since(kept.seen), read.type_ids()
    if not changes.is_bounded or _are_many(changes, kept):
        return None
    later = read.citizens_after(kept.citizen_ids)
    if not len(changes.everybody) and not len(later) and np.array_equal(type_ids, kept.type_ids):
        return kept
    ids = np.concatenate([kept.citizen_ids, later])
    # Somebody whose number is lower than others', and who was yet seen later, would move everybody's place.
    if not among(ids, changes.everybody).all() or not np.array_equal(type_ids[: len(kept.type_ids)], kept.type_ids):
        return None
    population = _with_changes(kept.population, changes, ids, type_ids, read)
    touched = None if kept.since_kept is None else kept.since_kept + len(changes.everybody)
    return Snapshot(ids, type_ids, population, read.seen, read.known_at, read.tables, touched)


def _are_many(changes: Changes, kept: Snapshot) -> bool:
    """Whether more citizens, or more behaviours, may have to be read one by one than is worth it."""
    citizens = max(changes.times.sum() - len(changes.behaviours), len(changes.tied))
    behaviours = len(changes.behaviours)
    return bool(
        citizens > max(SMALL, LARGEST_SHARE * len(kept))
        or behaviours > max(SMALL, LARGEST_SHARE_OF_BEHAVIOURS * kept.behaviours)
    )


def _read_anew(read: Reader) -> Snapshot:
    ids, type_ids, population = everybody(read)
    return Snapshot(ids, type_ids, population, read.seen, read.known_at, read.tables)


def _with_changes(before: Population, changes: Changes, ids: Ints, type_ids: Ints, read: Reader) -> Population:
    n, newcomers = len(ids), len(ids) - len(before)
    eligible = np.pad(before.eligible, (0, newcomers))
    events, ties = replace(before.events, indptr=np.pad(before.events.indptr, (0, newcomers), mode="edge")), before.ties
    if len(changes.citizens):
        rows = np.searchsorted(ids, changes.citizens)
        came, went, count = behaviour_rows(read, changes.behaviours, changes.citizens, type_ids)
        fresh, certain = merged(events, rows, came, went)
        # Where each change is not a behaviour that could be put in or taken out, the citizen is read again whole.
        others = np.flatnonzero(~certain | (count != changes.times) | (rows >= len(before)))
        anew, eligible[rows[others]] = own_rows(read, changes.citizens[others], type_ids)
        events = with_events(events, rows, with_events(fresh, others, anew, len(rows)), n)
    if len(changes.tied) or newcomers:
        rows = np.searchsorted(ids, changes.tied)
        ties = with_ties(ties, rows, tie_rows(read, ids, rows), n)
    return Population(events, ties, eligible)
