"""Live updates against the reference, which recomputes everybody from the rows."""

import datetime as dt
import random
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from citizens.actions.behaviours import Observation, furnish, retract
from citizens.actions.consent import grant_consent, withdraw_consent
from citizens.actions.people import leave
from citizens.actions.ties import confirm_tie, end_tie, propose_tie
from citizens.enums import ChangeKind, TieKind
from citizens.models import Behaviour, Change, Citizen, Consent, Tie
from scoring import publishing
from scoring.enums import RunTrigger
from scoring.explanation import explain
from scoring.live import worker
from scoring.management.commands import verify_scores
from scoring.models import Movement, Run, Score
from sesame_site.kit.database import standing_by
from sesame_site.kit.database.locks import advisory_lock
from tests import cast
from tests.beside import at_the_last_moment, elsewhere, in_a_thread
from tests.worker import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def numbers() -> dict[str, int]:
    return dict(Score.objects.current().values_list("citizen__key", "published"))


def every_explanation_adds_up() -> None:
    for score in Score.objects.current().select_related("citizen"):
        explanation = explain(score.citizen, exact=True)
        assert explanation.total == pytest.approx(score.value, abs=1e-6), score.citizen.key


@pytest.fixture(autouse=True)
def _others_count_at_once():
    cast.others_count_at_once()


@pytest.fixture
def pair() -> tuple[Citizen, Citizen]:
    """Alice at 600 on her own, her partner at 450; the worked example of docs/model.md."""
    cast.a_rule_set()
    alice, colleague = cast.partners()
    cast.rescore()
    return alice, colleague


def test_a_behaviour_reaches_everyone_it_touches(pair):
    live, _ = worker.catch_up(None)
    assert numbers() == {"alice": 540, "alices-colleague": 426}
    cast.observed(pair[1], cast.bill_paid(), amount=5, days_ago=0)
    live, applied = worker.catch_up(live)
    # The colleague's own score is 500 now: c = 500 − 0.4 · (600 − a) and a = 600 − 0.4 · (600 − c).
    assert (applied, numbers()) == (1, {"alice": 552, "alices-colleague": 481})
    assert not Change.objects.pending().exists()
    call_command("verify_scores")
    every_explanation_adds_up()


def test_what_is_certified_stands_until_something_is_applied(pair):
    certified = Run.objects.current().error_bound
    live, _ = worker.catch_up(None)
    assert Run.objects.current().error_bound == certified
    cast.observed(pair[1], cast.bill_paid(), amount=5, days_ago=0)
    worker.catch_up(live)
    assert Run.objects.current().error_bound > certified


def test_history_has_a_row_for_each_number_that_changed_and_no_other(pair):
    live, _ = worker.catch_up(None)
    before = Movement.objects.count()
    cast.observed(pair[1], cast.bill_paid(), amount=5, days_ago=0)
    live, _ = worker.catch_up(live)
    cast.observed(pair[1], cast.stroll(), days_ago=0)
    worker.catch_up(live)
    assert Movement.objects.count() == before + 2
    latest = pair[0].movements.order_by("-as_of").first()
    assert (latest.published, latest.run_id) == (552, Run.objects.current().pk)


def test_between_runs_nothing_fades(pair):
    Run.objects.filter(is_current=True).update(as_of=timezone.now() - dt.timedelta(days=9))
    live, _ = worker.catch_up(None)
    cast.observed(pair[0], cast.bill_paid(), amount=1, days_ago=2)
    worker.catch_up(live)
    call_command("verify_scores")
    every_explanation_adds_up()


def test_who_leaves_has_no_score_and_pulls_nobody_down(pair):
    live, _ = worker.catch_up(None)
    leave(acting_user=cast.clerk(), citizen=pair[1])
    live, _ = worker.catch_up(live)
    assert numbers() == {"alice": 600}
    assert pair[1].movements.order_by("-id").first().published is None
    pair[1].delete()
    worker.catch_up(live)
    assert numbers() == {"alice": 600}
    assert not Movement.objects.filter(citizen_id=pair[1].pk).exists()


def test_a_new_run_is_followed(pair):
    live, _ = worker.catch_up(None)
    cast.observed(pair[0], cast.bill_paid(), amount=1, days_ago=0)
    second = cast.rescore()
    cast.observed(pair[0], cast.bill_paid(), amount=1, days_ago=0)
    live, _ = worker.catch_up(live)
    assert live.state.run == second
    assert Score.objects.filter(run=second, citizen=pair[0]).get().own == 620
    call_command("verify_scores")


def test_what_was_applied_after_the_snapshot_of_a_run_is_in_its_scores(pair, monkeypatch):
    """Lest somebody's refusal be forgotten with the scores it was applied to, and a number go back and forth."""
    live, _ = worker.catch_up(None)
    publish = publishing.publish_run

    def published_late(*scores, **seen) -> None:
        withdraw_consent(acting_user=cast.clerk(), citizen=pair[1], source=cast.bank())
        assert worker.catch_up(live)[1] == 1
        assert numbers() == {"alice": 600}
        publish(*scores, **seen)

    monkeypatch.setattr(publishing, "publish_run", published_late)
    cast.rescore()
    assert numbers() == {"alice": 600}
    assert not Change.objects.pending().exists()
    assert worker.catch_up(live)[1] == 0
    history = pair[1].movements.order_by("as_of", "id")
    assert list(history.values_list("published", flat=True)) == [426, None]


def test_where_the_table_has_a_little_less_that_is_certified(pair):
    Score.objects.filter(citizen=pair[0]).update(value=F("value") - 0.004)
    worker.catch_up(None)
    assert Run.objects.current().error_bound >= 0.004
    call_command("verify_scores")


def test_somebody_who_comes_while_others_changes_are_read(pair, monkeypatch):
    live, _ = worker.catch_up(None)
    cast.know_each_other(pair[0], pair[1], TieKind.FRIEND)
    read = worker.reader

    def read_late(*on):
        elsewhere(lambda: cast.know_each_other(pair[0], cast.stranger()))
        return read(*on)

    with monkeypatch.context() as patch:
        patch.setattr(worker, "reader", read_late)
        live, _ = worker.catch_up(live)
    worker.catch_up(live)
    assert not Change.objects.pending().exists()
    call_command("verify_scores")


def test_scores_are_not_verified_against_what_is_on_its_way_into_them(pair, monkeypatch):
    """Recorded while the worker read the rows, and of somebody else."""
    live, _ = worker.catch_up(None)
    cast.observed(pair[0], cast.bill_paid(), amount=1, days_ago=0)
    read = worker.reader

    def read_late(*on):
        elsewhere(lambda: cast.observed(pair[1], cast.bill_paid(), amount=1, days_ago=0))
        return read(*on)

    with monkeypatch.context() as patch:
        patch.setattr(worker, "reader", read_late)
        live, _ = worker.catch_up(live)
    monkeypatch.setattr(verify_scores, "SECONDS_TO_WAIT", 0.0)
    with pytest.raises(CommandError, match="Changes older than the scores are not in them yet"):
        call_command("verify_scores")
    worker.catch_up(live)
    call_command("verify_scores")


def test_who_was_being_deleted_as_a_run_came_into_force_leaves_nothing_behind(pair, monkeypatch):
    """The deletion has waited for the publication, and goes on while the worker loads what it brought."""
    deleted, loading = threading.Event(), threading.Event()

    def erase() -> None:
        with transaction.atomic():
            Citizen.objects.filter(pk=pair[1].pk).delete()
            deleted.set()
            loading.wait(1)  # not for ever: a worker that waits for this deletion does not load

    eraser, load = in_a_thread(erase), worker.load_state

    def loaded_late(*parts, **moment):
        loading.set()
        eraser.join()
        return load(*parts, **moment)

    with monkeypatch.context() as patch:
        at_the_last_moment(patch, eraser)
        cast.rescore()
        assert deleted.wait(10)
        patch.setattr(worker, "load_state", loaded_late)
        live, _ = worker.catch_up(None)
    worker.catch_up(live)
    assert numbers() == {"alice": 600}
    assert not Movement.objects.filter(citizen_id=pair[1].pk).exists()


def test_a_replay_of_the_past_is_left_alone(pair):
    cast.rescore(RunTrigger.REPLAY, as_of=timezone.now() - dt.timedelta(days=30))
    cast.observed(pair[0], cast.bill_paid(), amount=1, days_ago=0)
    assert worker.catch_up(None) == (None, 0)
    assert Change.objects.pending().exists()


def test_an_import_is_read_anew(pair):
    live, _ = worker.catch_up(None)
    Behaviour.objects.create(
        citizen=pair[0], type=cast.bill_paid(), source=cast.bank(), external_id="imported", occurred_at=timezone.now()
    )
    Change.objects.create(kind=ChangeKind.IMPORT)
    live, _ = worker.catch_up(live)
    assert Score.objects.current().get(citizen=pair[0]).own == 610
    call_command("verify_scores")


def test_what_was_recorded_before_a_run_and_committed_after_it_is_caught(pair):
    """Clocks do not tell what a run has seen; the transaction does."""
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            cast.observed(pair[0], cast.bill_paid(), amount=1, days_ago=0)
            written.set()
            may_commit.wait(30)

    furnisher = in_a_thread(slow)
    furnisher.start()
    assert written.wait(30)
    cast.rescore()
    may_commit.set()
    furnisher.join()
    assert Score.objects.current().get(citizen=pair[0]).own == 600
    worker.catch_up(None)
    assert Score.objects.current().get(citizen=pair[0]).own == 610
    every_explanation_adds_up()


def test_two_workers_never_serve_at_once(pair, monkeypatch):
    monkeypatch.setattr(standing_by, "SECONDS_BETWEEN_ATTEMPTS", 0.1)
    stop = threading.Event()

    second = in_a_thread(lambda: worker.serve(stop))
    with advisory_lock(worker.LOCK) as held:
        assert held
        second.start()
        cast.observed(pair[0], cast.bill_paid(), amount=1, days_ago=0)
        stop.wait(0.5)
        assert Change.objects.pending().exists()
    wait_until(lambda: not Change.objects.pending().exists(), seconds=30, what="the second worker to take over")
    stop.set()
    second.join(30)
    assert not second.is_alive()


@pytest.mark.parametrize("seed", range(3))
def test_anything_that_can_happen_stays_within_the_bound(seed):
    """A town in which people do, retract, consent, refuse, tie, part, come, leave and are deleted.

    Some of it is dated ahead, and falls due while the town goes on.
    """
    dice = random.Random(seed)
    few, wait = [(1, 0), (2, 5), (3, 30)][seed]
    cast.a_rule_set(drag=0.5, lift=0.3, theta_drag=600, theta_lift=605, k0=1, least_ties=few, tie_wait=wait)
    people = [cast.person(f"p{i:02d}") for i in range(12)]
    for person in people:
        cast.observed(person, cast.bill_paid(), amount=dice.uniform(-3, 3))
    cast.rescore()
    live = None
    for step in range(25):
        for _ in range(dice.randint(1, 3)):
            something_happens(dice, step)
        live, _ = worker.catch_up(live)
        call_command("verify_scores")
    every_explanation_adds_up()


def something_happens(dice: random.Random, step: int) -> None:
    clerk = cast.clerk()
    people = list(Citizen.objects.members().order_by("key"))
    one, other = dice.sample(people, 2)
    match dice.choice(
        ["does", "does", "retract", "withdraw", "grant", "tie", "known", "part", "comes", "leaves", "gone", "run"]
    ):
        case "does":
            kind, ahead = dice.choice(["bill_paid_on_time", "loan_overdue"]), dice.choice([0, 0, 0.3, 1, 3, 40_000])
            moment = timezone.now() + dt.timedelta(seconds=ahead)
            event = Observation(one.key, kind, str(dice.random()), moment, amount=dice.choice([0.0, 1.0, 2.0]))
            furnish(acting_user=clerk, source=cast.bank(), observations=[event])
        case "retract" if behaviour := Behaviour.objects.live().filter(citizen=one).order_by("id").first():
            retract(acting_user=clerk, behaviour=behaviour, reason="Not so.")
        case "withdraw" if Consent.objects.active().filter(citizen=one).exists():
            withdraw_consent(acting_user=clerk, citizen=one, source=cast.bank())
        case "grant" if not Consent.objects.active().filter(citizen=one).exists():
            grant_consent(acting_user=clerk, citizen=one, source=cast.bank(), receipt="a form")
        case "run":
            cast.rescore()
        case "known" if not Tie.objects.filter(ended_at=None, kind=TieKind.NEIGHBOUR).of(one).of(other).exists():
            days = dice.choice([1, 4.9, 5.1, 40])
            cast.know_each_other(one, other, TieKind.NEIGHBOUR, strength=dice.uniform(0.1, 1), days=days)
        case "tie" if not Tie.objects.filter(ended_at=None).exclude(kind=TieKind.NEIGHBOUR).of(one).of(other).exists():
            kind = dice.choice([TieKind.FRIEND, TieKind.PARENT, TieKind.CHILD])
            tie = propose_tie(acting_user=clerk, proposer=one, other=other, kind=kind, strength=dice.uniform(0.1, 1))
            confirm_tie(acting_user=clerk, tie=tie)
        case "part" if tie := Tie.objects.live().of(one).order_by("id").first():
            end_tie(acting_user=clerk, tie=tie)
        case "comes":
            cast.observed(cast.person(f"q{step:02d}"), cast.loan_overdue())
        case "leaves" if len(people) > 6:
            leave(acting_user=clerk, citizen=one)
        case "gone" if len(people) > 6:
            one.delete()
