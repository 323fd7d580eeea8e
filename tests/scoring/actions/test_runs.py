"""Runs: whole or not at all, one at a time, and right."""

import threading

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from citizens.actions.consent import withdraw_consent
from citizens.enums import TieKind
from citizens.models import Change
from scoring import publishing
from scoring.actions import runs
from scoring.actions.runs import execute_run, fail_dead_runs, start_run
from scoring.engine.solve import NotConverged
from scoring.enums import RuleSetStatus, RunFailure, RunStatus, RunTrigger
from scoring.errors import RunRefused
from scoring.explanation import UnscoredReason, explain
from scoring.models import Movement, Run, Score
from tests import cast
from tests.beside import at_the_last_moment, in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)


def score_of(citizen) -> float | None:
    return Score.objects.current().filter(citizen=citizen).values_list("value", flat=True).first()


@pytest.fixture
def pair():
    """Alice at 600 on her own, her partner at 450; the worked example of docs/model.md."""
    cast.a_rule_set()
    return cast.partners()


def test_the_worked_example(pair):
    run = cast.rescore()
    assert (run.status, run.scored, run.ties, run.error_bound <= 0.001) == (RunStatus.PUBLISHED, 2, 1, True)
    alice, colleague = pair
    assert score_of(alice) == pytest.approx(540, abs=0.001)
    assert score_of(colleague) == pytest.approx(426, abs=0.001)
    assert Movement.objects.count() == 2


def test_the_stored_scores_are_those_of_the_reference(pair):
    cast.rescore()
    call_command("verify_scores")
    Score.objects.filter(citizen=pair[0]).update(value=541)
    with pytest.raises(Exception, match="1 of 2 scores differ"):
        call_command("verify_scores")


def test_every_line_adds_up(pair):
    cast.rescore()
    for citizen in pair:
        explanation = explain(citizen, exact=True)
        assert explanation.total == pytest.approx(explanation.score.value, abs=1e-6)
        assert not explain(citizen).network.is_split, "one tie would reveal the other's score"


def test_history_is_written_only_for_numbers_that_changed(pair):
    alice, colleague = pair
    cast.rescore()
    assert cast.rescore().changed == 0
    cast.observed(colleague, cast.loan_overdue(), amount=1)
    again = cast.rescore()
    assert again.changed == 1
    assert list(colleague.movements.values_list("published", flat=True)) == [426, 376]
    assert list(alice.movements.values_list("published", flat=True)) == [540]


def test_withdrawn_consent_makes_unscored_and_weightless(pair):
    alice, colleague = pair
    cast.rescore()
    withdraw_consent(acting_user=colleague.user, citizen=colleague, source=cast.bank())
    run = cast.rescore()
    assert (score_of(alice), score_of(colleague)) == (600, None)
    assert run.changed == 2
    assert explain(colleague).unscored == UnscoredReason.NO_CONSENT
    assert not Change.objects.pending().exists()


def test_a_parent_counts_for_a_child_by_its_own_weight():
    rule_set = cast.a_rule_set(publish=False)
    rule_set.tie_weights.filter(role="child").update(weight=0)
    cast.move(rule_set, "in_review", "published")
    alice, sister = cast.alice(), cast.alices_sister()
    for person in (alice, sister):
        cast.observed(person, cast.loan_overdue(), amount=3)
    cast.know_each_other(alice, sister, TieKind.PARENT)
    cast.rescore()
    assert score_of(sister) == pytest.approx(450), "her child Alice does not count for her"
    assert score_of(alice) == pytest.approx(390), "her parent does"


def test_a_second_run_is_refused_with_the_reason(pair):
    start_run(acting_user=None, trigger=RunTrigger.COMMAND)
    with pytest.raises(RunRefused, match="is under way since"):
        start_run(acting_user=None, trigger=RunTrigger.COMMAND)
    assert Run.objects.count() == 1


def test_without_a_published_rule_set_a_run_is_refused():
    with pytest.raises(RunRefused, match="No rule set is published"):
        start_run(acting_user=None, trigger=RunTrigger.COMMAND)


@pytest.mark.parametrize("where", ["fill", "publish_run"])
def test_a_failing_run_leaves_the_earlier_scores(pair, where, monkeypatch):
    first = cast.rescore()
    cast.observed(pair[1], cast.loan_overdue(), amount=1)

    def broken(*args, **options):
        raise NotConverged("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(publishing, where, broken)
        failed = cast.attempted_run()
    assert (failed.status, "disk is full" in failed.error) == (RunStatus.FAILED, True)
    assert Run.objects.current() == first
    assert score_of(pair[1]) == pytest.approx(426, abs=0.001)
    assert cast.rescore().status == RunStatus.PUBLISHED


def test_a_run_that_died_is_failed_by_the_next_one(pair):
    dead = start_run(acting_user=None, trigger=RunTrigger.COMMAND)
    Run.objects.filter(pk=dead.pk).update(started_at=dead.requested_at, phase="solve")
    assert cast.rescore().status == RunStatus.PUBLISHED
    dead.refresh_from_db()
    assert dead.status == RunStatus.FAILED
    assert "stopped in the middle of “Network effect”" in dead.error


def test_a_run_that_nobody_picks_up_fails(pair):
    waiting = start_run(acting_user=None, trigger=RunTrigger.COMMAND)
    assert fail_dead_runs() == 0
    Run.objects.filter(pk=waiting.pk).update(requested_at=cast.long_ago())
    assert fail_dead_runs() == 1
    waiting.refresh_from_db()
    assert "No worker picked it up" in waiting.error


def test_old_runs_are_dropped_and_their_history_stays(pair, settings):
    settings.SCORE_RUNS_KEPT = 2
    four = [cast.rescore() for _ in range(4)]
    kept = Score.objects.values_list("run_id", flat=True).distinct().order_by("run_id")
    assert list(kept) == [run.pk for run in four[2:]]
    assert Movement.objects.filter(run_id=four[0].pk).count() == 2


def test_the_run_that_is_being_published_is_not_old(pair, monkeypatch):
    """The one before tidies up after itself while this one has a table already and is not in force yet."""
    cast.rescore()
    tidying = in_a_thread(publishing.drop_old_runs)
    at_the_last_moment(monkeypatch, tidying)
    run = cast.rescore()
    tidying.join()
    assert (run.status, Score.objects.current().count()) == (RunStatus.PUBLISHED, 2)


def test_a_run_that_is_picked_up_at_the_last_moment_is_not_failed(pair, monkeypatch):
    waiting = start_run(acting_user=None, trigger=RunTrigger.COMMAND)
    Run.objects.filter(pk=waiting.pk).update(requested_at=cast.long_ago())
    fail = runs._fail

    def failed_late(run, reason) -> int:
        Run.objects.filter(pk=run.pk).update(started_at=timezone.now())
        return fail(run, reason)

    monkeypatch.setattr(runs, "_fail", failed_late)
    assert fail_dead_runs() == 0
    waiting.refresh_from_db()
    assert waiting.status == RunStatus.RUNNING


def test_a_run_that_waited_follows_what_was_published_meanwhile(pair):
    waiting = start_run(acting_user=None, trigger=RunTrigger.COMMAND)
    replay = Run(rule_set=waiting.rule_set, trigger=RunTrigger.REPLAY)
    cast.move(waiting.rule_set, RuleSetStatus.RETIRED)
    after = cast.a_rule_set(base=500)
    assert execute_run(waiting).rule_set == after
    runs._follow_what_is_published(replay)
    assert replay.rule_set != after, "a replay keeps that of its time"


def test_a_run_that_was_given_up_is_not_published(pair, monkeypatch):
    before = cast.rescore()
    publish = publishing.publish_run

    def given_up(run, *scores, **seen) -> None:
        Run.objects.filter(pk=run.pk).update(
            status=RunStatus.FAILED, failure=RunFailure.BROKE_OFF, failure_detail="Given up."
        )
        publish(run, *scores, **seen)

    monkeypatch.setattr(publishing, "publish_run", given_up)
    run = cast.attempted_run()
    assert (run.status, run.error) == (RunStatus.FAILED, "Given up.")
    assert set(Score.objects.values_list("run_id", flat=True)) == {before.pk}


def test_who_is_deleted_while_a_run_computes_has_no_score_in_it(pair, monkeypatch):
    alice, colleague = pair
    publish = publishing.publish_run

    def published_too_late(*scores, **seen) -> None:
        colleague.delete()
        publish(*scores, **seen)

    monkeypatch.setattr(publishing, "publish_run", published_too_late)
    cast.rescore()
    assert list(Score.objects.values_list("citizen_id", flat=True)) == [alice.pk]
    assert list(Movement.objects.values_list("citizen_id", flat=True)) == [alice.pk]


def test_who_is_deleted_while_a_run_is_published_leaves_nothing_behind(pair, monkeypatch):
    """At the last moment, when nothing but the commit is missing."""
    alice, colleague = pair
    cast.rescore()
    cast.observed(colleague, cast.bill_paid(), amount=5)
    eraser = in_a_thread(colleague.delete)
    at_the_last_moment(monkeypatch, eraser)
    cast.rescore()
    eraser.join()
    assert list(Score.objects.values_list("citizen_id", flat=True).distinct()) == [alice.pk]
    assert set(Movement.objects.values_list("citizen_id", flat=True)) == {alice.pk}


def test_who_is_being_deleted_before_the_first_run_leaves_nothing_behind(pair, monkeypatch):
    """No run is in force yet that a deletion could hold on to."""
    monkeypatch.setattr(publishing, "SECONDS_TO_WAIT_FOR_READERS", 0.1)
    alice, colleague = pair
    deleted, may_commit = threading.Event(), threading.Event()

    def erase() -> None:
        with transaction.atomic():
            colleague.delete()
            deleted.set()
            may_commit.wait(30)

    eraser, first = in_a_thread(erase), in_a_thread(cast.rescore)
    eraser.start()
    assert deleted.wait(10)
    first.start()
    first.join(2)
    may_commit.set()
    eraser.join()
    first.join()
    assert list(Score.objects.values_list("citizen_id", flat=True)) == [alice.pk]
    assert list(Movement.objects.values_list("citizen_id", flat=True)) == [alice.pk]


def test_readers_never_see_two_runs_mixed(pair):
    """Somebody reads without pause, as pages do, while runs come into force."""
    cast.rescore()
    seen, mixed, stop = set(), [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            rows = list(Score.objects.current().values_list("run_id", "citizen_id"))
            runs = {run for run, _ in rows}
            seen.update(runs)
            if len(runs) != 1 or len(rows) != 2:
                mixed.append(rows)

    reader = in_a_thread(read)
    reader.start()
    published = {cast.rescore().pk for _ in range(8)}
    stop.set()
    reader.join()
    assert mixed == []
    assert len(seen & published) >= 3
