"""The engine worker: holds the population, claims changes from the outbox, writes the scores that move."""

import logging
import threading
from dataclasses import dataclass

import numpy as np
import psycopg
from adbc_driver_postgresql import dbapi as adbc
from django.db import Error, connection, transaction
from django.utils import timezone

from citizens.enums import ChangeKind
from citizens.models import Change, Tie
from citizens.models.changes import CHANNEL
from scoring import snapshot
from scoring.live.state import Live, load, step
from scoring.live.writing import TOO_LITTLE, Stored, stored, write
from scoring.models import Run
from scoring.publishing import hold_scores
from scoring.snapshot import UNBOUNDED, Changes, open_connection, reader
from sesame_site.kit.database.dsn import libpq_uri
from sesame_site.kit.database.locks import advisory_lock

logger = logging.getLogger(__name__)

LOCK = "live engine"
MOST_CHANGES = 20_000
SECONDS_BETWEEN_ATTEMPTS = 5.0
SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Engine:
    """What the worker holds: the live scores, and what the table has of them."""

    live: Live
    stored: Stored


@transaction.atomic
def catch_up(engine: Engine | None, on: adbc.Connection | None = None) -> tuple[Engine | None, int]:
    """Apply what is pending to the run in force; returns the new state and the number of changes applied.

    Rows are read on the line `on`, or on a new one.

    Scores, history and the marks on the changes are written in one transaction: killed before it commits, nothing
    happened; afterwards, everything did. The state is loaded anew when another run has come into force, or when the
    changes are too many, or of a kind, to be followed one by one. Without a run, or in a replay of the past, nothing
    is applied.
    """
    hold_scores()
    run = Run.objects.select_for_update(of=("self",), no_key=True).filter(is_current=True).first()
    if run is None or run.is_replay:
        return None, 0
    if engine is None or engine.live.run.pk != run.pk:
        return _loaded(run)
    claimed = _claim()
    if not claimed:
        return engine, 0
    if len(claimed) > MOST_CHANGES or not (followed := _followed(engine, claimed, on)):
        return _loaded(run)
    Change.objects.filter(pk__in=[change.pk for change in claimed]).update(applied_at=timezone.now())
    _touch(run, followed.live, error_bound=followed.live.solution.error_bound + TOO_LITTLE)
    return followed, len(claimed)


def serve(stop: threading.Event) -> None:
    """Keep scores up to date until `stop` is set. While another engine serves this database, stand by."""
    held_before = None
    while not stop.is_set():
        try:
            with advisory_lock(LOCK) as held:
                if held is not held_before:
                    logger.info("engine_serves" if held else "engine_stands_by")
                held_before = held
                if held:
                    _serve(stop)
        except (Error, psycopg.Error, adbc.Error) as error:
            logger.warning("engine_lost_the_database", extra={"reason": str(error).strip()})
            connection.close()
        stop.wait(SECONDS_BETWEEN_ATTEMPTS)


def _serve(stop: threading.Event) -> None:
    engine = None
    with psycopg.connect(libpq_uri(), autocommit=True) as bell, open_connection() as on:
        bell.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            engine, applied = catch_up(engine, on)
            if not applied:
                # Nothing rings for a run that came into force, so look now and then.
                for _ in bell.notifies(timeout=SECONDS_BETWEEN_LOOKS, stop_after=1):
                    pass


def _loaded(run: Run) -> tuple[Engine, int]:
    """Everybody anew, and whatever the table does not have yet."""
    taken = snapshot.take()
    live = load(run, taken)
    nobody = np.empty(0, np.int64)
    engine = Engine(live, write(live, stored(live), np.arange(len(live)), changed=nobody))
    applied = Change.objects.pending().visible_in(taken.pg_snapshot).update(applied_at=timezone.now())
    off = float(np.nanmax(np.abs(engine.stored.value - live.solution.score), initial=0.0))
    # Where the table has just what was solved anew, what was certified of it still holds.
    _touch(run, live, error_bound=live.solution.error_bound + off if applied or off else run.error_bound)
    transaction.on_commit(lambda: snapshot.save(taken))
    return engine, applied


def _claim() -> list[Change]:
    """Pending changes that nobody else has claimed, oldest first."""
    return list(
        Change.objects.pending().select_for_update(of=("self",), skip_locked=True).order_by("id")[: MOST_CHANGES + 1]
    )


def _followed(engine: Engine, claimed: list[Change], on: adbc.Connection | None) -> Engine | None:
    with reader(on) as read:
        after = step(engine.live, _changes(claimed), read)
    if after is None:
        return None
    return Engine(after.live, write(after.live, engine.stored, after.moved, changed=after.changed))


def _changes(claimed: list[Change]) -> Changes:
    ties = [change.subject_id or 0 for change in claimed if change.kind == ChangeKind.TIE]
    ends = Tie.objects.filter(pk__in=ties).values_list("first_id", "second_id").order_by()
    return Changes(
        np.unique(np.array([change.citizen_id for change in claimed if change.citizen_id is not None], np.int64)),
        np.unique(np.array(list(ends), np.int64)),
        not any(change.kind in UNBOUNDED for change in claimed),
    )


def _touch(run: Run, live: Live, *, error_bound: float | None) -> None:
    """The scores are those of now, and no further than this from the exact ones."""
    run.live_at, run.error_bound = live.known_at, error_bound
    run.save(update_fields=["live_at", "error_bound"])
