"""Starting a run, carrying it out, and noticing when it has died."""

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.models import User
from scoring.enums import RuleSetStatus, RunEngine, RunFailure, RunStatus, RunTrigger
from scoring.errors import RunRefused
from scoring.models import RuleSet, Run
from sesame_site.kit.database.locks import advisory_lock

logger = logging.getLogger(__name__)

TIME_TO_BE_PICKED_UP = dt.timedelta(minutes=10)


def start_run(
    *,
    acting_user: User | None,
    trigger: RunTrigger,
    as_of: dt.datetime | None = None,
    rule_set: RuleSet | None = None,
    engine: RunEngine = RunEngine.LOCAL,
) -> Run:
    """Creates a run that waits: `execute_run` carries it out, here or, as a task, in a worker.

    Without an acting user the system itself starts it. `as_of` defaults to the moment it starts, `rule_set` to the
    published one. Raises RunRefused, with the reason, if there is no published rule set or another run is under way.
    """
    if acting_user is not None:
        require(acting_user, Right.START_RUNS)
    fail_dead_runs()
    rule_set = rule_set or RuleSet.objects.published().first()
    if rule_set is None:
        raise RunRefused(_("No rule set is published yet. Publish one, then start a run."))
    try:
        with transaction.atomic():
            run = Run.objects.create(
                rule_set=rule_set,
                trigger=trigger,
                engine=engine,
                requested_by=acting_user,
                as_of=as_of or timezone.now(),
            )
            record(actor=acting_user, action=AuditAction.RUN_STARTED, subject=run, trigger=trigger)
    except IntegrityError as error:
        raise RunRefused(_under_way()) from error
    return run


def execute_run(run: Run) -> Run:
    """Carries out a run that waits, to its end: published whole, or failed with why it did.

    A run that is not waiting any more is left alone, so a message delivered twice does no harm.
    """
    with advisory_lock(_lock(run.pk)) as held:
        now = timezone.now()
        mine = held and Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING, started_at=None).update(started_at=now)
        run.refresh_from_db()
        if mine:
            from scoring.actions.computing import carry_out  # compiled code, which those who only start runs do without

            try:
                _follow_what_is_published(run)
                carry_out(run)
            except Exception as error:
                logger.exception("run_failed", extra={"run": run.pk})
                _fail(run, RunFailure.BROKE_OFF, _in_short(error))
    return run


def _follow_what_is_published(run: Run) -> None:
    """While it waited, its rule set may have been replaced; a replay keeps that of its time."""
    if run.rule_set.status == RuleSetStatus.RETIRED and not run.is_replay:
        run.rule_set = RuleSet.objects.published().get()
        run.save(update_fields=["rule_set"])


def give_up(run: Run, why: Exception) -> None:
    """Fails a run that could not be handed to a worker: while it waited, no other could start."""
    _fail(run, RunFailure.BROKE_OFF, _in_short(why))


def fail_dead_runs() -> int:
    """Fails runs whose worker has died or that no worker picked up; returns how many. The earlier scores stand."""
    failed = 0
    for run in Run.objects.filter(status=RunStatus.RUNNING):
        if run.started_at is None:
            if timezone.now() - run.requested_at > TIME_TO_BE_PICKED_UP:
                failed += _fail(run, RunFailure.NOT_PICKED_UP)
            continue
        with advisory_lock(_lock(run.pk)) as nobody_works_on_it:
            if nobody_works_on_it:
                failed += _fail(run, RunFailure.STOPPED)
    return failed


def _fail(run: Run, failure: RunFailure, detail: str = "") -> int:
    """Marks a run that is still running as failed; returns 1, or 0 if it ended, or was picked up, meanwhile."""
    as_it_was = Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING, started_at=run.started_at)
    changed = as_it_was.update(
        status=RunStatus.FAILED, failure=failure, failure_detail=detail, finished_at=timezone.now()
    )
    run.refresh_from_db()
    if changed:
        from scoring.publishing import drop_scores

        drop_scores(run.pk)
        record(actor=None, action=AuditAction.RUN_FAILED, subject=run, failure=failure, detail=detail)
    return changed


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def _under_way() -> str:
    other = Run.objects.filter(status=RunStatus.RUNNING).first()
    if other is None:
        return _("Another run has just ended. Try again.")
    since = timezone.localtime(other.requested_at)
    return _("Run %(run)s is under way since %(since)s (%(phase)s). Wait for it to end.") % {
        "run": other.pk,
        "since": formats.time_format(since, "H:i:s"),
        "phase": other.get_phase_display(),
    }


def _lock(run_id: int) -> str:
    return f"run {run_id}"
