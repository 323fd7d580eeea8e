"""What is dated ahead counts when it falls due, and whoever's clock wrote it, scores and explanations stay true."""

import datetime as dt
import time

import pytest
from django.core.management import call_command
from django.utils import timezone

from citizens.enums import ChangeKind
from citizens.models import Behaviour, Change, Citizen
from scoring.enums import Cadence
from scoring.explanation import explain
from scoring.live import worker
from scoring.models import Run, Score
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=Cadence)
def pair(request) -> tuple[Citizen, Citizen]:
    """Alice at 600 on her own, her partner at 450, in a programme of either cadence."""
    cast.set_cadence(acting_user=None, cadence=request.param)
    cast.a_rule_set()
    pair = cast.partners()
    cast.rescore()
    return pair


def own(citizen: Citizen) -> float:
    return Score.objects.current().get(citizen=citizen).own


def paid(citizen: Citizen, *, ahead: float, clock_ahead: float = 0) -> None:
    """A bill paid, dated so many seconds ahead, on a machine whose clock is so many seconds ahead itself."""
    occurred_at = timezone.now() + dt.timedelta(seconds=ahead)
    clock = timezone.now() + dt.timedelta(seconds=clock_ahead)
    behaviour = Behaviour.objects.create(
        citizen=citizen,
        type=cast.bill_paid(),
        source=cast.bank(),
        external_id=str(Behaviour.objects.count()),
        occurred_at=occurred_at,
        recorded_at=clock,
    )
    Change.objects.create(kind=ChangeKind.BEHAVIOUR, citizen=citizen, subject_id=behaviour.pk, created_at=clock)


def everything_is_true() -> None:
    call_command("verify_scores")
    for score in Score.objects.current().select_related("citizen"):
        explanation = explain(score.citizen, exact=True)
        assert explanation.total == pytest.approx(score.value, abs=1e-6), score.citizen.key
        assert sum(line.points for part in explanation.dimensions for line in part.lines) + 600 == pytest.approx(
            score.own
        )


def test_what_is_dated_ahead_counts_when_it_falls_due(pair):
    live, _ = worker.catch_up(None)
    paid(pair[0], ahead=1)
    paid(pair[0], ahead=40_000)
    live, applied = worker.catch_up(live)
    assert (applied, own(pair[0])) == (2, 600)
    everything_is_true()
    time.sleep(1.1)
    live, applied = worker.catch_up(live)
    assert (applied, own(pair[0])) == (0, 610), "without any change"
    everything_is_true()
    at = Run.objects.current().live_at
    worker.catch_up(live)
    assert Run.objects.current().live_at == at, "nothing else is due"


def test_whoever_begins_anew_knows_what_lies_ahead(pair):
    paid(pair[0], ahead=2)
    live, _ = worker.catch_up(None)
    assert own(pair[0]) == 600
    time.sleep(2.1)
    worker.catch_up(live)
    assert own(pair[0]) == 610
    everything_is_true()


def test_a_run_leaves_ahead_what_is_not_due_and_the_engine_takes_it_up(pair):
    paid(pair[0], ahead=3)
    cast.rescore()
    assert own(pair[0]) == 600
    everything_is_true()
    time.sleep(3.1)
    worker.catch_up(None)
    assert own(pair[0]) == 610
    everything_is_true()


def test_what_a_clock_ahead_writes_counts_at_once_and_is_explained(pair):
    live, _ = worker.catch_up(None)
    paid(pair[0], ahead=15, clock_ahead=15)
    live, _ = worker.catch_up(live)
    assert own(pair[0]) == 610
    everything_is_true()
    paid(pair[1], ahead=0)
    live, _ = worker.catch_up(live)
    assert own(pair[1]) == 460
    everything_is_true()
    worker.catch_up(None)
    everything_is_true()


def test_what_a_clock_ahead_wrote_just_before_a_run_is_in_it_and_is_explained(pair):
    paid(pair[0], ahead=15, clock_ahead=15)
    paid(pair[1], ahead=-86_400, clock_ahead=15)
    cast.rescore()
    assert (own(pair[0]), own(pair[1])) == (610, 460)
    everything_is_true()
    worker.catch_up(None)
    everything_is_true()
