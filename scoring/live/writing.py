"""Writes the scores that moved to the table of the run in force."""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints
from scoring.engine.kernels.rows import lengthened, positions
from scoring.engine.model import published
from scoring.enums import Cadence
from scoring.live.state import LiveState
from scoring.movements import add_movements
from scoring.publishing import table_of
from scoring.snapshot.whole import Columns
from sesame_site.kit.database.bulk import copy_in, read_columns, timestamps
from sesame_site.kit.moments import microseconds

# A change fades out slowly along the ties: writing its last traces would take longer than all the rest.
LEAST_CHANGE_POINTS = 0.005
MOVED = """
    CREATE TEMPORARY TABLE IF NOT EXISTS scoring_moved (LIKE scoring_score, is_own smallint) ON COMMIT DELETE ROWS
"""
UPSERT = """
    INSERT INTO {table} AS score (run_id, citizen_id, own, drag, lift, network, value, published, known_at)
    SELECT run_id, citizen_id, own, drag, lift, network, value, published, CASE WHEN is_own = 1 THEN known_at END
    FROM scoring_moved
    ON CONFLICT (run_id, citizen_id) DO UPDATE SET
        own = excluded.own, drag = excluded.drag, lift = excluded.lift, network = excluded.network,
        value = excluded.value, published = excluded.published,
        known_at = coalesce(excluded.known_at, score.known_at),
        network_split = CASE
            WHEN (excluded.drag, excluded.lift) = (score.drag, score.lift) THEN score.network_split
        END
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The numbers that the table has of each citizen; NaN and -1 where it has no row."""

    own: Floats
    drag: Floats
    lift: Floats
    value: Floats
    published: NDArray[np.int16]

    def lengthened(self, n: int) -> "Stored":
        """A copy for `n` citizens, where those added at the end have no row."""
        points = self.own, self.drag, self.lift, self.value
        own, drag, lift, value = (lengthened(column, n, np.nan) for column in points)
        return Stored(own, drag, lift, value, lengthened(self.published, n, -1))


NOBODY = np.empty(0)
NOTHING = Stored(NOBODY, NOBODY, NOBODY, NOBODY, np.empty(0, np.int16))


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the table shall have of some citizens, in points; NaN for the unscored."""

    own: Floats
    drag: Floats
    lift: Floats
    network: Floats
    value: Floats

    def of(self, which: NDArray[np.bool_]) -> "Numbers":
        columns = self.own, self.drag, self.lift, self.network, self.value
        return Numbers(*(column[which] for column in columns))


def numbers_of(state: LiveState, stored: Stored, rows: Ints, cadence: Cadence) -> Numbers:
    """The numbers of the citizens at these positions as they are published.

    With each run, the influence of others is what the table of the run has, and none for those who are new in it; so
    nothing that others do between runs changes a byte. The live state knows better, and waits.
    """
    own, scored, solution = state.own[rows], state.scored[rows], state.solution
    if cadence == Cadence.LIVE:
        return Numbers(own, solution.drag[rows], solution.lift[rows], solution.network_of(rows), solution.score[rows])
    by = state.influence
    drag, lift = (np.where(scored, np.nan_to_num(column[rows]), np.nan) for column in (stored.drag, stored.lift))
    network: Floats = np.clip(drag + lift, -by.cap, by.cap)
    return Numbers(own, drag, lift, network, np.clip(own + network, by.floor, by.ceiling))


def read_stored(state: LiveState) -> Stored:
    """Reads what the table of the run has of the citizens of `state`."""
    rows = read_columns(f"SELECT citizen_id, own, drag, lift, value, published FROM {table_of(state.run.pk)}")
    held = NOTHING.lengthened(len(state))
    place = positions(state.citizen_ids, rows["citizen_id"])
    for name in ("own", "drag", "lift", "value", "published"):
        getattr(held, name)[place[place >= 0]] = rows[name][place >= 0]
    return held


def write_scores(state: LiveState, before: Stored, rows: Ints, *, changed: Ints, cadence: Cadence) -> Stored:
    """Writes those of `rows` that moved, and all that are `changed`; returns what the table then has.

    `rows` are sorted positions; `changed` are those of them whose own behaviours or consents changed. It must be called
    in the transaction that marks the changes as applied.
    """
    after = before.lengthened(len(state))
    now = numbers_of(state, after, rows, cadence)
    scored, had = state.scored[rows], after.published[rows] >= 0
    is_own = now.own != after.own[rows]
    is_own[np.searchsorted(rows, changed)] = True
    moved = scored & (is_own | ~had | (np.abs(now.value - after.value[rows]) > LEAST_CHANGE_POINTS))
    # At a limit the parts of a score can change while the score does not, and the explanation shows the parts.
    for part, then in ((now.drag, after.drag), (now.lift, after.lift)):
        moved |= scored & (np.abs(part - then[rows]) > LEAST_CHANGE_POINTS)
    numbers, gone = published(now.value), had & ~scored
    renumbered = (moved | gone) & (numbers != after.published[rows])
    with connection.cursor() as cursor:
        _upsert(cursor, state, rows[moved], now.of(moved), is_own[moved])
        _delete(cursor, state, rows[gone])
        parts = [
            _movements(state, after, rows[which], now.of(which))
            for which in (renumbered & kind for kind in (had & scored, ~had & scored, ~scored))
        ]
        add_movements(cursor, state.run, state.known_at, before=state.run, parts=parts)
    written = moved | gone
    for name in ("own", "drag", "lift", "value"):
        getattr(after, name)[rows[written]] = getattr(now, name)[written]
    after.published[rows[written]] = numbers[written]
    return after


def _upsert(cursor: CursorWrapper, state: LiveState, rows: Ints, now: Numbers, is_own: NDArray[np.bool_]) -> None:
    if not len(rows):
        return
    columns: Columns = {
        "run_id": np.full(len(rows), state.run.pk),
        "citizen_id": state.citizen_ids[rows],
        "own": now.own,
        "drag": now.drag,
        "lift": now.lift,
        "network": now.network,
        "value": now.value,
        "published": published(now.value),
        "known_at": timestamps(np.full(len(rows), microseconds(state.known_at))),
        "is_own": is_own.astype(np.int16),
    }
    cursor.execute(MOVED)
    copy_in(cursor, "scoring_moved", columns)
    cursor.execute(UPSERT.format(table=table_of(state.run.pk)))


def _delete(cursor: CursorWrapper, state: LiveState, rows: Ints) -> None:
    if len(rows):
        cursor.execute(
            f"DELETE FROM {table_of(state.run.pk)} WHERE citizen_id = ANY(%s)", [state.citizen_ids[rows].tolist()]
        )


def _movements(state: LiveState, stored: Stored, rows: Ints, now: Numbers) -> Columns:
    """Of people who all were scored before, or none was, and who all are now, or none is."""
    columns: Columns = {"citizen_id": state.citizen_ids[rows]}
    if len(rows) and stored.published[rows[0]] >= 0:
        columns["before"] = stored.published[rows]
    if len(rows) and state.scored[rows[0]]:
        columns["published"] = published(now.value)
        columns["own"] = now.own
        columns["network"] = now.network
    return columns
