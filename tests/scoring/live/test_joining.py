"""What changed while a run computed is in its scores when they are published: no number goes back and forth."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from citizens.actions.consent import withdraw_consent
from citizens.enums import ChangeKind, TieKind
from citizens.models import Behaviour, Change, Citizen
from scoring import publishing
from scoring.actions import computing
from scoring.enums import Cadence
from scoring.live import worker
from scoring.models import Movement, Run, Score
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


def behaves(pair: tuple[Citizen, Citizen]) -> None:
    cast.observed(pair[1], cast.bill_paid(), amount=5, days_ago=0)


def refuses(pair: tuple[Citizen, Citizen]) -> None:
    withdraw_consent(acting_user=cast.clerk(), citizen=pair[1], source=cast.bank())


def comes(pair: tuple[Citizen, Citizen]) -> None:
    cast.observed(cast.stranger(), cast.loan_overdue(), amount=2)
    cast.know_each_other(pair[0], cast.stranger(), TieKind.SIBLING)


def is_deleted(pair: tuple[Citizen, Citizen]) -> None:
    pair[1].delete()


def is_imported(pair: tuple[Citizen, Citizen]) -> None:
    Behaviour.objects.create(
        citizen=pair[1], type=cast.bill_paid(), source=cast.bank(), external_id="imported", occurred_at=timezone.now()
    )
    Change.objects.create(kind=ChangeKind.IMPORT)


ACTS = (behaves, refuses, comes, is_deleted, is_imported)


@pytest.fixture(params=Cadence)
def pair(request) -> tuple[Citizen, Citizen]:
    """Alice at 600 on her own, her partner at 450, in a programme of either cadence, and a run before."""
    cast.set_cadence(acting_user=None, cadence=request.param)
    cast.a_rule_set()
    pair = cast.partners()
    cast.rescore()
    return pair


def every_movement_goes_on_from_the_one_before_and_none_back() -> None:
    for citizen in Citizen.objects.all():
        rows = list(citizen.movements.order_by("id").values_list("before", "published"))
        assert [before for before, _ in rows] == [None, *(now for _, now in rows[:-1])], citizen.key
        assert len({now for _, now in rows}) == len(rows), f"{citizen.key}: {rows}"


@pytest.mark.parametrize("when", ["while it computes", "at the last moment"])
@pytest.mark.parametrize("act", ACTS)
def test_what_a_live_update_has_brought_in_stays(pair, act, when, monkeypatch):
    live, _ = worker.catch_up(None)
    module, name = (publishing, "publish_run") if when == "while it computes" else (publishing, "columns_of")
    original = getattr(module, name)

    def after_somebody_acted(*arguments):
        nonlocal live
        done = original(*arguments) if name == "columns_of" else None
        if not acted:
            acted.append(act)
            act(pair)
            live, applied = worker.catch_up(live)
            assert applied or act is is_imported
        return done if name == "columns_of" else original(*arguments)

    acted: list[object] = []
    monkeypatch.setattr(module, name, after_somebody_acted)
    run = cast.rescore()
    assert acted
    live, _ = worker.catch_up(live)
    assert live.state.run == run
    every_movement_goes_on_from_the_one_before_and_none_back()
    assert not Change.objects.pending().exists()
    call_command("verify_scores")


def test_each_number_moves_once_and_the_run_is_certified_as_ever(pair, monkeypatch):
    live, _ = worker.catch_up(None)
    solve = computing._solved_here

    def solved_late(*arguments):
        solved = solve(*arguments)
        behaves(pair)
        worker.catch_up(live)
        return solved

    monkeypatch.setattr(computing, "_solved_here", solved_late)
    run = cast.rescore()
    worker.catch_up(None)
    assert dict(Score.objects.current().values_list("citizen__key", "published")) == {
        "alice": 552,
        "alices-colleague": 481,
    }
    assert run.error_bound <= 0.001
    assert run.known_at > run.as_of
    assert list(pair[0].movements.order_by("id").values_list("published", flat=True)) == [540, 552]
    every_movement_goes_on_from_the_one_before_and_none_back()


def test_who_comes_too_often_at_the_last_moment_is_waited_for(pair, monkeypatch):
    """The third time, whoever writes scores waits until everybody is read anew."""
    columns_of, attempts = publishing.columns_of, []

    def somebody_is_imported(state):
        if len(attempts) < 3:
            attempts.append(is_imported)
            Change.objects.create(kind=ChangeKind.IMPORT)
        return columns_of(state)

    monkeypatch.setattr(publishing, "columns_of", somebody_is_imported)
    cast.rescore()
    assert len(attempts) == 3
    assert not Change.objects.pending().exists()
    assert Run.objects.current().scored == 2
    assert Movement.objects.count() == 2
