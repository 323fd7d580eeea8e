"""SIGKILL in the middle of a run: nothing half-done is ever seen, and the next run works."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from scoring import tasks
from scoring.actions.runs import fail_dead_runs, start_run
from scoring.enums import RunPhase, RunStatus, RunTrigger
from scoring.models import Run, Score
from tests import cast
from tests.worker import a_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def refreshed(run: Run) -> Run:
    run.refresh_from_db()
    return run


def test_the_earlier_scores_stand_and_the_next_run_works(live_environment):
    cast.a_rule_set()
    alice = cast.alice()
    cast.observed(alice, cast.bill_paid())
    first = cast.rescore()
    cast.observed(alice, cast.bill_paid())
    # The history table is locked, so the run stops in the middle of its publishing transaction.
    with a_worker(live_environment) as worker, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE scoring_movement IN ACCESS EXCLUSIVE MODE")
        run = _start_from_elsewhere()
        wait_until(lambda: refreshed(run).phase == RunPhase.PUBLISH, what="the run to publish")
        worker.kill()
        worker.wait()
    wait_until(lambda: fail_dead_runs() == 1, what="the dead run to be noticed")
    assert refreshed(run).status == RunStatus.FAILED
    assert "stopped in the middle of “Publishing”" in run.error
    assert Run.objects.current() == first
    assert list(Score.objects.values_list("run_id", "published")) == [(first.pk, 610)]
    with a_worker(live_environment):
        next_run = start_run(acting_user=None, trigger=RunTrigger.COMMAND)
        tasks.execute_run.delay(next_run.pk)
        wait_until(lambda: not refreshed(next_run).is_running, what="the next run to end")
    assert next_run.status == RunStatus.PUBLISHED
    assert Score.objects.current().get().published == 620


def _start_from_elsewhere() -> Run:
    """Starts a run on a connection of its own, as the test's is busy holding the lock."""

    def start() -> int:
        try:
            run = start_run(acting_user=None, trigger=RunTrigger.CONSOLE)
            tasks.execute_run.delay(run.pk)
            return run.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return Run.objects.get(pk=pool.submit(start).result())
