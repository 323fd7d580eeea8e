"""The live worker: a process that holds the population, claims changes from the outbox and writes the scores they move.

It is started by `manage.py engine`. Only one serves a database at a time; others wait until it ends.
"""

import logging
import threading
from dataclasses import dataclass

import numpy as np
import psycopg
from adbc_driver_postgresql import dbapi as adbc
from django.db import connection, transaction

from citizens.enums import ChangeKind
from citizens.models import Change, Tie
from citizens.models.changes import CHANNEL
from scoring import snapshot
from scoring.enums import Cadence
from scoring.live.state import LiveState, apply_changes, load_state
from scoring.live.writing import LEAST_CHANGE_POINTS, Stored, read_stored, write_scores
from scoring.models import Programme, Run
from scoring.publishing import hold_scores
from scoring.snapshot import UNBOUNDED, Changes, open_connection, reader
from sesame_site.kit.database.dsn import libpq_uri
from sesame_site.kit.database.standing_by import work_alone
from sesame_site.kit.moments import latest_of

logger = logging.getLogger(__name__)

LOCK = "live worker"
MOST_CHANGES = 20_000
SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class LiveScores:
    """What the worker holds in memory: the live state, and the scores that the table has of it, by which cadence."""

    state: LiveState
    stored: Stored
    cadence: Cadence


@transaction.atomic
def catch_up(live: LiveScores | None, rows_from: adbc.Connection | None = None) -> tuple[LiveScores | None, int]:
    """Applies pending changes to the run in force; returns (the new live scores, the number of changes applied).

    Rows are read on the connection `rows_from`, or on a new one. Behaviours that were dated ahead count once they fall
    due, without a change.

    Scores, history and the marks on the changes are written in one transaction: a process that is killed has written
    all of them or none. The state is loaded anew when another run has come into force, or when the changes are too
    many, or of a kind, to be applied one by one. Without a run, or when the run replays the past, nothing is applied.
    """
    hold_scores()
    run = Run.objects.select_for_update(of=("self",), no_key=True).filter(is_current=True).first()
    if run is None or run.is_replay:
        return None, 0
    cadence = Programme.objects.cadence()
    if live is None or live.state.run.pk != run.pk:
        return _load(run, cadence)
    claimed = _claim()
    if not claimed and live.cadence == cadence and not _is_anything_due(live.state):
        return live, 0
    if len(claimed) > MOST_CHANGES or not (after := _apply(live, claimed, cadence, rows_from)):
        return _load(run, cadence)
    # By the same clock as the state: what is marked as applied by then is in it.
    at = after.state.known_at
    Change.objects.filter(pk__in=[change.pk for change in claimed]).update(applied_at=at)
    _touch(run, after, error_bound=after.state.solution.error_bound + LEAST_CHANGE_POINTS)
    return after, len(claimed)


def serve(stop: threading.Event) -> None:
    """Keeps scores up to date until `stop` is set; waits while another live worker serves this database."""
    work_alone(LOCK, lambda: _serve(stop), stop=stop, errors=(adbc.Error,))


def _serve(stop: threading.Event) -> None:
    live = None
    with psycopg.connect(libpq_uri(), autocommit=True) as notifications, open_connection() as rows_from:
        notifications.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            live, applied = catch_up(live, rows_from)
            if not applied:
                # A run that comes into force sends no notification, so the wait is short.
                for _ in notifications.notifies(timeout=SECONDS_BETWEEN_LOOKS, stop_after=1):
                    pass


def _load(run: Run, cadence: Cadence) -> tuple[LiveScores, int]:
    """Loads all citizens anew and writes the scores that the table does not have yet."""
    taken = snapshot.take()
    at = latest_of(taken.known_at, run.live_at, run.known_at, Change.objects.latest_clock())
    state = load_state(run, taken, at=at)
    nobody = np.empty(0, np.int64)
    stored = write_scores(state, read_stored(state), np.arange(len(state)), changed=nobody, cadence=cadence)
    live = LiveScores(state, stored, cadence)
    applied = Change.objects.pending().visible_in(taken.pg_snapshot).update(applied_at=at)
    difference = float(np.nanmax(np.abs(live.stored.value - state.solution.score), initial=0.0))
    is_new = applied or difference
    # If the table has exactly the scores that were solved anew, the certified bound of the run still holds.
    _touch(run, live, error_bound=state.solution.error_bound + difference if is_new else run.error_bound)
    transaction.on_commit(lambda: snapshot.save(taken))
    return live, applied


def _is_anything_due(state: LiveState) -> bool:
    """Whether something that was dated ahead has occurred by now, by the clock of the database."""
    if not len(state.ahead.rows):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return len(state.ahead.due_at(cursor.fetchone()[0])) > 0


def _claim() -> list[Change]:
    """Claims pending changes that no other transaction has claimed, oldest first."""
    return list(
        Change.objects.pending().select_for_update(of=("self",), skip_locked=True).order_by("id")[: MOST_CHANGES + 1]
    )


def _apply(
    live: LiveScores, claimed: list[Change], cadence: Cadence, rows_from: adbc.Connection | None
) -> LiveScores | None:
    """The live scores with these changes, written to the table; None if the state has to be loaded anew."""
    with reader(rows_from) as read:
        at = latest_of(live.state.known_at, read.known_at, *(change.created_at for change in claimed))
        update = apply_changes(live.state, _changes(claimed), read, at=at)
    if update is None:
        return None
    # When others begin to count at once, all that they did since the run comes in.
    rows = update.moved if cadence == live.cadence else np.arange(len(update.state))
    stored = write_scores(update.state, live.stored, rows, changed=update.changed, cadence=cadence)
    return LiveScores(update.state, stored, cadence)


def _changes(claimed: list[Change]) -> Changes:
    ties = [change.subject_id or 0 for change in claimed if change.kind == ChangeKind.TIE]
    ends = Tie.objects.filter(pk__in=ties).values_list("first_id", "second_id").order_by()
    return Changes(
        np.unique(np.array([change.citizen_id for change in claimed if change.citizen_id is not None], np.int64)),
        np.unique(np.array(list(ends), np.int64)),
        not any(change.kind in UNBOUNDED for change in claimed),
    )


def _touch(run: Run, live: LiveScores, *, error_bound: float | None) -> None:
    """Records on the run when its scores were brought up to date, and how far from the exact ones they can be.

    With each run, the influence of others stays that of an earlier moment, and as exact as it was: own scores are.
    """
    run.live_at = live.state.known_at
    if live.cadence == Cadence.LIVE:
        run.network_at, run.error_bound = run.live_at, error_bound
    run.save(update_fields=["live_at", "network_at", "error_bound"])
