"""What Celery workers do for scoring."""

import logging

from celery import shared_task
from celery.signals import worker_init

from scoring.actions import runs
from scoring.enums import RunTrigger
from scoring.errors import RunRefused
from scoring.models import Run
from sesame_site.celery import Task

logger = logging.getLogger(__name__)


@worker_init.connect
def load_the_engine(**_: object) -> None:
    """Once for all processes of a worker; those who only send tasks do without."""
    from scoring.actions.computing import get_ready

    get_ready()


@shared_task(base=Task)
def execute_run(run_id: int) -> str:
    return str(runs.execute_run(Run.objects.get(pk=run_id)).status)


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
