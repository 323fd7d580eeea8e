"""Scores that moved, into the table of the run in force."""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints
from scoring.engine.kernels.rows import lengthened, positions
from scoring.engine.model import published
from scoring.live.state import Live
from scoring.movements import add_movements
from scoring.publishing import columns_of, table_of
from scoring.snapshot.whole import Columns
from sesame_site.kit.database.bulk import copy_in, read_columns, timestamps
from sesame_site.kit.moments import microseconds

# In points. A change dies out slowly along the ties: to write its last traces would cost more than all the rest.
TOO_LITTLE = 0.005
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
        known_at = coalesce(excluded.known_at, score.known_at)
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the table holds of each citizen; NaN and -1 where it has no row."""

    own: Floats
    drag: Floats
    lift: Floats
    value: Floats
    published: NDArray[np.int16]

    def lengthened(self, n: int) -> "Stored":
        """A copy, with nobody more at the end."""
        points = self.own, self.drag, self.lift, self.value
        own, drag, lift, value = (lengthened(column, n, np.nan) for column in points)
        return Stored(own, drag, lift, value, lengthened(self.published, n, -1))


NOBODY = np.empty(0)
NOTHING = Stored(NOBODY, NOBODY, NOBODY, NOBODY, np.empty(0, np.int16))


def stored(live: Live) -> Stored:
    """Read from the table of the run."""
    rows = read_columns(f"SELECT citizen_id, own, drag, lift, value, published FROM {table_of(live.run.pk)}")
    held = NOTHING.lengthened(len(live))
    place = positions(live.citizen_ids, rows["citizen_id"])
    for name in ("own", "drag", "lift", "value", "published"):
        getattr(held, name)[place[place >= 0]] = rows[name][place >= 0]
    return held


def write(live: Live, before: Stored, rows: Ints, *, changed: Ints) -> Stored:
    """Write those of `rows` that moved, and all `changed` of them. Returns what the table holds then.

    `rows` are sorted positions, `changed` those whose own behaviours or consents are others than before. Call it in
    the transaction that marks the changes as applied.
    """
    after = before.lengthened(len(live))
    own, drag, lift, value = (column[rows] for column in _columns(live))
    scored, had = live.scored[rows], after.published[rows] >= 0
    is_own = own != after.own[rows]
    is_own[np.searchsorted(rows, changed)] = True
    moved = scored & (is_own | ~had | (np.abs(value - after.value[rows]) > TOO_LITTLE))
    # Behind a limit the parts of a score move while it stands still, and its explanation has to say so.
    for now, then in ((drag, after.drag), (lift, after.lift)):
        moved |= scored & (np.abs(now - then[rows]) > TOO_LITTLE)
    numbers = published(value)
    renumbered = (moved | (had & ~scored)) & (numbers != after.published[rows])
    with connection.cursor() as cursor:
        _upsert(cursor, live, rows[moved], is_own[moved])
        _delete(cursor, live, rows[had & ~scored])
        parts = [_movements(live, after, rows[renumbered & kind]) for kind in (had & scored, ~had & scored, ~scored)]
        add_movements(cursor, live.run, live.known_at, before=live.run, parts=parts)
    written = rows[moved | (had & ~scored)]
    for now, then in zip(_columns(live), (after.own, after.drag, after.lift, after.value), strict=True):
        then[written] = now[written]
    after.published[written] = published(live.solution.score[written])
    return after


def _columns(live: Live) -> tuple[Floats, Floats, Floats, Floats]:
    return live.own, live.solution.drag, live.solution.lift, live.solution.score


def _upsert(cursor: CursorWrapper, live: Live, rows: Ints, is_own: NDArray[np.bool_]) -> None:
    if not len(rows):
        return
    columns = columns_of(live.citizen_ids, live.own, live.solution, rows) | {
        "run_id": np.full(len(rows), live.run.pk),
        "known_at": timestamps(np.full(len(rows), microseconds(live.known_at))),
        "is_own": is_own.astype(np.int16),
    }
    cursor.execute(MOVED)
    copy_in(cursor, "scoring_moved", columns)
    cursor.execute(UPSERT.format(table=table_of(live.run.pk)))


def _delete(cursor: CursorWrapper, live: Live, rows: Ints) -> None:
    if len(rows):
        cursor.execute(
            f"DELETE FROM {table_of(live.run.pk)} WHERE citizen_id = ANY(%s)", [live.citizen_ids[rows].tolist()]
        )


def _movements(live: Live, stored: Stored, rows: Ints) -> Columns:
    """Of people who all were scored before, or none was, and who all are now, or none is."""
    columns: Columns = {"citizen_id": live.citizen_ids[rows]}
    if len(rows) and stored.published[rows[0]] >= 0:
        columns["before"] = stored.published[rows]
    if len(rows) and live.scored[rows[0]]:
        columns["published"] = published(live.solution.score[rows])
        columns["own"] = live.own[rows]
        columns["network"] = live.solution.network_of(rows)
    return columns
