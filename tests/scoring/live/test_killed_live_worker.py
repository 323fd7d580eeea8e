"""SIGKILL between any two steps of an update: nothing is lost, doubled or half-done."""

import signal
import subprocess
import sys

import pytest
from django.core.management import call_command

from citizens.models import Change
from scoring.live import worker
from scoring.models import Movement, Score
from tests import cast
from tests.worker import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = {"alice": 540, "alices-colleague": 426}
AFTER = {"alice": 552, "alices-colleague": 481}


def numbers() -> dict[str, int]:
    return dict(Score.objects.current().values_list("citizen__key", "published"))


@pytest.mark.parametrize(
    ("point", "stands"),
    [
        ("_claim", BEFORE),
        ("_changes", BEFORE),
        ("apply_changes", BEFORE),
        ("write_scores", BEFORE),
        ("_touch", BEFORE),
        ("before the commit", BEFORE),
        ("after the commit", AFTER),
    ],
)
def test_the_next_worker_goes_on_from_there(live_environment, point, stands):
    cast.others_count_at_once()
    cast.a_rule_set()
    alice, colleague = cast.partners()
    cast.rescore()
    command = [sys.executable, "-m", "tests.scoring.live.a_worker_that_dies", point]
    with subprocess.Popen(command, cwd=ROOT, env=live_environment, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        cast.observed(colleague, cast.bill_paid(), amount=5, days_ago=0)
        process.communicate("go\n", timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert numbers() == stands
    assert Change.objects.pending().exists() == (stands == BEFORE)
    worker.catch_up(None)
    assert numbers() == AFTER
    assert not Change.objects.pending().exists()
    call_command("verify_scores")
    assert list(Movement.objects.filter(citizen=alice).order_by("id").values_list("published", flat=True)) == [
        540,
        552,
    ]
