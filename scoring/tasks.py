"""What Celery workers do for scoring."""

import logging

from celery import shared_task
from celery.signals import worker_init
from django.utils.translation import gettext as _

from citizens.models import User
from scoring.actions import runs
from scoring.enums import RunEngine, RunTrigger
from scoring.errors import RunRefused
from scoring.models import Run
from sesame_site.celery import Task, queue_takes_tasks
from sesame_site.kit import away

logger = logging.getLogger(__name__)


@worker_init.connect
def load_the_engine(**_: object) -> None:
    """Once for all processes of a worker; those who only send tasks do without."""
    from scoring.actions.computing import get_ready

    get_ready()


@shared_task(base=Task)
def execute_run(run_id: int) -> str:
    return str(runs.execute_run(Run.objects.get(pk=run_id)).status)


def start_run_in_background(
    *, acting_user: User | None, trigger: RunTrigger, engine: RunEngine = RunEngine.LOCAL
) -> Run:
    """Starts a run that a worker carries out; raises RunRefused as `start_run` does, and where no task can be sent."""
    if not queue_takes_tasks():
        raise RunRefused(_no_queue())
    run = runs.start_run(acting_user=acting_user, trigger=trigger, engine=engine)
    try:
        execute_run.delay(run.pk)
    except away.ERRORS as error:
        # It was there a moment ago.
        runs.give_up(run, error)
        raise RunRefused(_no_queue()) from error
    return run


def _no_queue() -> str:
    return _("The task queue, which hands runs to a worker, takes nothing now. No run was started. Try again later.")


@shared_task(base=Task)
def scheduled_run() -> str:
    """A run by the clock; if another is under way, that one serves."""
    try:
        run = runs.start_run(acting_user=None, trigger=RunTrigger.SCHEDULE)
    except RunRefused as refusal:
        logger.info("scheduled_run_refused", extra={"reason": str(refusal)})
        return str(refusal)
    return str(runs.execute_run(run).status)


@shared_task(base=Task)
def fail_dead_runs() -> int:
    return runs.fail_dead_runs()
