"""Publishes the scores of a run: all of them become visible at once, or none."""

import itertools
import logging
from contextlib import suppress

import numpy as np
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from citizens.enums import ChangeKind
from citizens.models import Change
from scoring.engine.kernels.rows import positions
from scoring.enums import RunPhase, RunStatus
from scoring.errors import RunLost
from scoring.live.joining import Computed, brought_up_to_date, columns_of
from scoring.models import Run
from scoring.movements import add_movements
from scoring.snapshot import open_connection
from scoring.snapshot.whole import Columns, Table, each_part, same_for
from sesame_site.kit.database.beside import beside
from sesame_site.kit.database.bulk import copy_in
from sesame_site.kit.moments import latest_of

logger = logging.getLogger(__name__)

# With this check constraint, ATTACH need not scan the rows to prove that they belong to the run. Each page keeps some
# free space, so that a live update can write beside the row that it replaces.
TABLE = """
    CREATE TABLE {table} (
        LIKE scoring_score INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CONSTRAINT {table}_run CHECK (run_id = {run:d})
    ) WITH (fillfactor = 90)
"""
# Its shared half is taken by the trigger that erases a citizen's scores (migration 0002).
HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('erasure of scores', 0))"
SECONDS_TO_WAIT_FOR_READERS = 5
PUBLISHED = {"citizen_id": ("int8send(citizen_id)", "i8"), "published": ("int2send(published)", "i2")}
PUBLISHED_FIELDS = (
    "is_current", "status", "phase", "progress", "known_at", "network_at", "citizens", "scored", "changed",
    "error_bound",
)  # fmt: skip
# Whoever writes scores waits only after so many changes of everybody have come at the last moment.
MOST_ATTEMPTS = 3
AFTER = ("citizen_id", "published", "own", "network")


def table_of(run_id: int) -> str:
    """The name of the partition that holds a run's scores."""
    return f"scoring_score_{run_id:d}"


def fill(run: Run, scores: Columns) -> None:
    """Copies the scores into a new table of the run, which nobody reads until the run is current."""
    table = table_of(run.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(TABLE.format(table=table, run=run.pk))
        copy_in(cursor, table, {"run_id": same_for(scores, run.pk)} | scores, options="FREEZE")
        cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (run_id, citizen_id)")
        # A small sample is enough for the planner until autovacuum analyses the table.
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute(f"ANALYZE {table}")
    try:
        _attach(run, waits=True)
    except OperationalError:
        _attach(run, waits=False)


@transaction.atomic
def _attach(run: Run, *, waits: bool) -> None:
    """Attaches the table of a run that is not in force yet as a partition of the scores.

    A query uses the partitions that existed when it was planned, and the run in force when it is executed. A query
    between the two would find nobody scored, so with `waits` the lock waits for such queries, up to a time limit.
    """
    with connection.cursor() as cursor:
        if waits:
            cursor.execute(f"SET LOCAL lock_timeout = '{SECONDS_TO_WAIT_FOR_READERS}s'")
            cursor.execute("LOCK TABLE scoring_score IN ACCESS EXCLUSIVE MODE")
        part = f"ATTACH PARTITION {table_of(run.pk)} FOR VALUES IN ({run.pk:d})"
        cursor.execute(f"ALTER TABLE scoring_score {part}")


def hold_scores() -> None:
    """Keeps all others from writing or erasing scores until this transaction ends; waits for those who have begun.

    So no score is written from rows that were read before the citizen's scores were erased.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD)


class _Overtaken(Exception):
    """Changes that concern everybody came at the last moment."""


def publish_run(run: Run, computed: Computed) -> Computed:
    """Publishes the scores with all that has changed since they were computed; returns them as they are published.

    What live updates have brought into the scores before is so in these too, and nobody's number goes back and forth.
    Changes are brought in twice: first while nobody waits for it, then the few that are left while nobody else may
    write scores. If then something has come for which everybody has to be read, it begins again, and the last time
    others wait for that too. A replay knows what its snapshot knew. Raises RunLost if the run is no longer running.
    """
    for attempt in itertools.count(1):
        with suppress(_Overtaken):
            latest = computed if run.is_replay else brought_up_to_date(computed, anew=True)
            assert latest is not None
            return _publish(run, latest, columns_of(latest.state), anew=attempt >= MOST_ATTEMPTS)
    raise AssertionError


@transaction.atomic
def _publish(run: Run, computed: Computed, scores: Columns, *, anew: bool) -> Computed:
    """Fills the run's table, makes the run current and writes a movement for each number that changed.

    All but filling the table is one transaction: before it commits nobody sees the run, afterwards everybody does.
    """
    hold_scores()
    locked = Run.objects.select_for_update(of=("self",), no_key=True)
    before = locked.filter(is_current=True).first()
    if not locked.filter(pk=run.pk, status=RunStatus.RUNNING).first():
        raise RunLost("It was given up while it still computed; nothing of it is published.")
    latest = computed if run.is_replay else brought_up_to_date(computed, anew=anew)
    if latest is None:
        raise _Overtaken
    if latest.state.solution is not computed.state.solution:
        scores = columns_of(latest.state)
    # A replay knows what was known when it began, of an earlier moment.
    run.known_at = run.network_at = run.known_at if run.is_replay else latest.state.known_at
    run.citizens, run.scored = len(latest.state), len(scores["citizen_id"])
    run.error_bound = latest.state.solution.error_bound
    with connection.cursor() as cursor:
        with beside(fill, run, scores):
            run.changed = _write_movements(cursor, run, scores, before)
        if run.is_replay:
            _remove_deleted(cursor, run, latest.pg_snapshot)
    if before:
        before.is_current = False
        before.save(update_fields=["is_current"])
    run.is_current = True
    run.status = RunStatus.PUBLISHED
    run.phase = RunPhase.DONE
    run.progress = 1.0
    run.save(update_fields=PUBLISHED_FIELDS)
    return latest


def _remove_deleted(cursor: CursorWrapper, run: Run, pg_snapshot: str) -> None:
    """Removes citizens who were deleted since this snapshot."""
    later = Change.objects.not_visible_in(pg_snapshot)
    deleted = list(later.filter(kind=ChangeKind.DELETION).values_list("subject_id", flat=True))
    for table in (table_of(run.pk), "scoring_movement"):
        cursor.execute(f"DELETE FROM {table} WHERE citizen_id = ANY(%s)", [deleted])


def _write_movements(cursor: CursorWrapper, run: Run, after: Columns, before: Run | None) -> int:
    """A row for everybody whose published number is not what it was; returns how many."""
    earlier = _published(before)
    place = positions(earlier["citizen_id"], after["citizen_id"])
    is_new = place < 0
    changed = np.flatnonzero(~is_new)
    changed = changed[earlier["published"][place[changed]] != after["published"][changed]]
    gone = np.ones(len(earlier["citizen_id"]), bool)
    gone[place[~is_new]] = False
    # A number that replaces a live one is younger, though it may know less; replays speak of the past.
    live_at = before.live_at if before else None
    moment = run.as_of if run.is_replay else latest_of(run.as_of, live_at)
    parts: list[Columns] = [
        {name: after[name][is_new] for name in AFTER},
        {name: after[name][changed] for name in AFTER} | {"before": earlier["published"][place[changed]]},
        {"citizen_id": earlier["citizen_id"][gone], "before": earlier["published"][gone]},
    ]
    return add_movements(cursor, run, moment, before=before, parts=parts)


def _published(run: Run | None) -> Columns:
    if run is None:
        return {"citizen_id": np.empty(0, np.int64), "published": np.empty(0, np.int16)}
    with open_connection() as committed, committed.cursor() as cursor:
        parts = each_part(cursor, Table(table_of(run.pk), PUBLISHED, "true"), dict)
    rows = {name: np.concatenate([part[name] for part in parts]) for name in PUBLISHED}
    # The rows are nearly in order, as the run wrote them, so sorting them here is faster than in PostgreSQL.
    order = np.argsort(rows["citizen_id"], kind="stable")
    return {name: column[order] for name, column in rows.items()}


@transaction.atomic
def drop_scores(run_id: int) -> None:
    """Drops the table of a run, if there is one. Raises OperationalError where readers hold on to it for long.

    Whoever reads scores meanwhile would wait behind this, so it does not wait long itself: for a backup, for instance.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{SECONDS_TO_WAIT_FOR_READERS}s'")
        cursor.execute(f"DROP TABLE IF EXISTS {table_of(run_id)}")


def drop_old_runs() -> int:
    """Drops the scores of all but the newest published runs (setting SCORE_RUNS_KEPT). Their history stays."""
    # In this order: whoever has a table now is under way, or was by the time they are looked for.
    partitions = _partitions()
    in_use = Run.objects.filter(Q(is_current=True) | Q(status=RunStatus.RUNNING)).values_list("id", flat=True)
    kept = {*in_use, *Run.objects.published().order_by("-id").values_list("id", flat=True)[: settings.SCORE_RUNS_KEPT]}
    old = [run_id for run_id in partitions if run_id not in kept]
    try:
        for run_id in old:
            drop_scores(run_id)
    except OperationalError as error:
        logger.warning("old_scores_not_dropped", extra={"reason": str(error).strip()})
    return len(old)


def _partitions() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'scoring_score'::regclass ORDER BY c.relname"
        )
        return [int(name.rsplit("_", 1)[1]) for (name,) in cursor.fetchall()]
