"""A live worker that is stopped within a transaction holds up nobody for ever."""

import signal
import subprocess
import sys

import pytest

from citizens.models import Change, Citizen
from tests import cast
from tests.beside import in_a_thread
from tests.worker import ROOT, an_engine, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def frozen(live_environment):
    """It has claimed a change, and holds the scores, for at most two seconds."""
    cast.a_rule_set()
    alice, _ = cast.partners()
    cast.rescore()
    environment = live_environment | {"DATABASE_IDLE_IN_TRANSACTION_SECONDS": "2"}
    command = [sys.executable, "-m", "tests.scoring.live.a_worker_that_freezes"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        cast.observed(alice, cast.bill_paid(), amount=5, days_ago=0)
        assert "frozen\n" in process.stdout
        yield process
        process.send_signal(signal.SIGCONT)
        process.kill()


def test_runs_and_erasure_go_on(frozen):
    work = [in_a_thread(cast.rescore), in_a_thread(lambda: Citizen.objects.get(key="alice").delete())]
    for thread in work:
        thread.start()
    wait_until(lambda: not any(thread.is_alive() for thread in work), seconds=60, what="the frozen one to be let go")
    assert not Citizen.objects.filter(key="alice").exists()


def test_who_stands_by_takes_over(frozen, live_environment):
    with an_engine(live_environment):
        wait_until(lambda: not Change.objects.pending().exists(), seconds=60, what="the one that stood by")


def test_who_is_frozen_between_two_updates_makes_room_too(live_environment):
    cast.a_rule_set()
    alice, _ = cast.partners()
    cast.rescore()
    with an_engine(live_environment | {"DATABASE_IDLE_IN_TRANSACTION_SECONDS": "2"}) as first:
        wait_until(lambda: not Change.objects.pending().exists(), what="the first")
        cast.observed(alice, cast.bill_paid(), amount=5, days_ago=0)
        wait_until(lambda: not Change.objects.pending().exists(), what="the first")
        first.send_signal(signal.SIGSTOP)
        try:
            with an_engine(live_environment):
                cast.observed(alice, cast.bill_paid(), amount=6, days_ago=0)
                wait_until(lambda: not Change.objects.pending().exists(), seconds=60, what="the second")
        finally:
            first.send_signal(signal.SIGCONT)
