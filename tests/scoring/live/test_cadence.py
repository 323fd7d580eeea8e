"""With each run: between runs, nothing that another person does changes a byte of what one sees."""

import random
import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.actions.behaviours import Observation, furnish, retract
from citizens.actions.consent import grant_consent, withdraw_consent
from citizens.actions.people import forget, leave
from citizens.actions.ties import confirm_tie, end_tie, propose_tie
from citizens.enums import AuditAction, TieKind
from citizens.models import AuditEntry, Behaviour, Change, Citizen, Consent, Tie
from scoring.actions.programme import set_cadence
from scoring.enums import Cadence
from scoring.explanation import explain
from scoring.explanation.values import as_values
from scoring.live import worker
from scoring.models import Movement, Programme, Run, Score
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("score", "why", "history")
READS = ("score", "explanation", "history")
# Tokens are drawn anew for each page.
DRAWN = re.compile(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"')


@pytest.fixture
def me() -> Citizen:
    """Alice, with six friends and three colleagues, some low and some high, who know each other."""
    cast.a_rule_set(drag=0.5, lift=0.3, theta_drag=600, theta_lift=620, k0=1)
    alice = cast.alice()
    cast.observed(alice, cast.bill_paid(), amount=1)
    others = [cast.person(f"other-{number}") for number in range(9)]
    for number, other in enumerate(others):
        cast.observed(other, cast.loan_overdue() if number % 3 else cast.bill_paid(), amount=1 + number % 4)
        cast.know_each_other(alice, other, TieKind.FRIEND if number < 6 else TieKind.COLLEAGUE)
        cast.know_each_other(other, others[number - 1], TieKind.NEIGHBOUR)
    cast.rescore()
    return alice


def seen_by(citizen: Citizen) -> dict[str, str]:
    """Every byte that they see of their score, on pages and over REST, and how it is explained."""
    client = Client()
    client.force_login(citizen.user)
    pages = {name: client.get(reverse(f"portal:{name}")).content.decode() for name in PAGES}
    seen = {name: DRAWN.sub("", re.search(r"<main.*</main>", page, re.DOTALL)[0]) for name, page in pages.items()}
    seen |= {f"api/{name}": client.get(f"/api/v1/me/{name}/").content.decode() for name in READS}
    asked = {"kind": "bill_paid_on_time", "amount": "1"}
    seen["what-if"] = re.search(
        r"<section.*</section>", client.get(reverse("portal:what-if"), asked).content.decode(), re.DOTALL
    )[0]
    return seen | {"explanation": repr(as_values(explain(citizen))), "network": repr(explain(citizen).network)}


def somebody_else_acts(dice: random.Random, me: Citizen) -> str:
    """One act of one of the others, of any kind; returns which."""
    clerk = cast.clerk()
    others = list(Citizen.objects.members().exclude(pk=me.pk).order_by("key"))
    one, other = dice.sample(others, 2)
    mine = Tie.objects.live().of(me).order_by("id")
    match act := dice.choice(
        ["does", "retracts", "refuses", "agrees", "ties", "ties with me", "parts", "parts from me", "comes", "leaves",
         "is deleted"]
    ):  # fmt: skip
        case "does":
            kind = dice.choice(["bill_paid_on_time", "loan_overdue"])
            event = Observation(one.key, kind, str(dice.random()), timezone.now(), dice.uniform(1, 4))
            furnish(acting_user=clerk, source=cast.bank(), observations=[event])
        case "retracts" if behaviour := Behaviour.objects.live().filter(citizen=one).order_by("id").first():
            retract(acting_user=clerk, behaviour=behaviour, reason="Not so.")
        case "refuses" if Consent.objects.active().filter(citizen=one).exists():
            withdraw_consent(acting_user=clerk, citizen=one, source=cast.bank())
        case "agrees" if not Consent.objects.active().filter(citizen=one).exists():
            grant_consent(acting_user=clerk, citizen=one, source=cast.bank(), receipt="a form")
        case "ties" if not Tie.objects.filter(ended_at=None, kind=TieKind.FRIEND).of(one).of(other).exists():
            proposed = propose_tie(acting_user=clerk, proposer=one, other=other, kind=TieKind.FRIEND, strength=0.7)
            confirm_tie(acting_user=clerk, tie=proposed)
        case "ties with me" if not Tie.objects.filter(ended_at=None, kind=TieKind.SIBLING).of(one).of(me).exists():
            proposed = propose_tie(acting_user=clerk, proposer=me, other=one, kind=TieKind.SIBLING, strength=1)
            confirm_tie(acting_user=clerk, tie=proposed)
        case "parts" if tie := Tie.objects.live().of(one).exclude(pk__in=mine).order_by("id").first():
            end_tie(acting_user=clerk, tie=tie)
        case "parts from me" if tie := mine.first():
            end_tie(acting_user=clerk, tie=tie)
        case "comes":
            newcomer = cast.person(f"newcomer-{dice.random()}", signs_in=False)
            cast.observed(newcomer, cast.loan_overdue())
            cast.know_each_other(me, newcomer, TieKind.NEIGHBOUR)
        case "leaves" if len(others) > 4:
            leave(acting_user=clerk, citizen=one)
        case "is deleted" if len(others) > 4:
            forget(acting_user=clerk, citizen=one, key=one.key)
        case _:
            return ""
    return act


@pytest.mark.parametrize("seed", range(4))
def test_between_runs_nothing_that_others_do_changes_a_byte(me, seed):
    dice = random.Random(seed)
    before, acts, live = seen_by(me), set(), None
    for _ in range(12):
        acts.add(somebody_else_acts(dice, me))
        # Now and then the engine is another one, which begins from the tables.
        live, _applied = worker.catch_up(live if dice.random() < 0.7 else None)
        assert not Change.objects.pending().exists()
        now = seen_by(me)
        for name, shown in before.items():
            assert now[name].splitlines() == shown.splitlines(), (name, acts)
    assert len(acts) > 4
    stored = Score.objects.current().get(citizen=me)
    cast.rescore()
    now = Score.objects.current().get(citizen=me)
    assert now.network != pytest.approx(stored.network, abs=0.05), "with the run"
    assert me.movements.count() == 1 + (now.published != stored.published)
    assert seen_by(me) != before


def test_one_s_own_conduct_is_live_and_moves_nothing_else(me):
    live, _ = worker.catch_up(None)
    before = Score.objects.current().get(citizen=me)
    somebody_else = Citizen.objects.get(key="other-1")
    cast.observed(somebody_else, cast.loan_overdue(), amount=3, days_ago=0)
    cast.observed(me, cast.bill_paid(), amount=2, days_ago=0)
    live, _ = worker.catch_up(live)
    now = Score.objects.current().get(citizen=me)
    assert (now.own, now.drag, now.lift, now.network) == (before.own + 20, before.drag, before.lift, before.network)
    assert now.value == before.value + 20
    assert bytes(now.network_split) == bytes(before.network_split)
    assert list(me.movements.order_by("id").values_list("network", flat=True)) == [before.network] * 2
    assert explain(me, exact=True).total == pytest.approx(now.value, abs=1e-6)
    call_command("verify_scores")


def test_who_is_scored_between_runs_stands_alone_until_the_run(me):
    live, _ = worker.catch_up(None)
    newcomer = cast.person("newcomer")
    cast.observed(newcomer, cast.bill_paid(), amount=3)
    cast.know_each_other(newcomer, me)
    live, _ = worker.catch_up(live)
    score = Score.objects.current().get(citizen=newcomer)
    assert (score.network, score.value, score.network_split) == (0, 630, None)
    worker.catch_up(None)
    assert Score.objects.current().get(citizen=newcomer).network == 0
    call_command("verify_scores")
    cast.rescore()
    assert Score.objects.current().get(citizen=newcomer).network != 0


def test_who_is_no_longer_scored_loses_the_number_at_once_and_comes_back_alone(me):
    live, _ = worker.catch_up(None)
    retract(acting_user=cast.clerk(), behaviour=me.behaviours.get(), reason="Not so.")
    live, _ = worker.catch_up(live)
    assert not Score.objects.current().filter(citizen=me).exists()
    cast.observed(me, cast.bill_paid(), amount=2, days_ago=0)
    worker.catch_up(live)
    score = Score.objects.current().get(citizen=me)
    assert (score.network, score.value, score.network_split) == (0, 620, None)
    call_command("verify_scores")


def test_the_scores_verify_while_others_wait_and_a_wrong_one_is_found(me, capsys):
    live, _ = worker.catch_up(None)
    certified = Run.objects.current().error_bound
    dice = random.Random(6)
    acts = {somebody_else_acts(dice, me) for _ in range(5)}
    assert len(acts) > 2
    assert "is deleted" not in acts
    cast.observed(me, cast.bill_paid(), amount=1, days_ago=0)
    worker.catch_up(live)
    run = Run.objects.current()
    assert (run.error_bound, run.network_at, run.live_at > run.network_at) == (certified, run.known_at, True)
    call_command("verify_scores", json=True)
    assert '"network_recomputed": true' in capsys.readouterr().out
    Score.objects.filter(run=run, citizen=me).update(value=611)
    with pytest.raises(Exception, match=r"1 of 1. scores differ"):
        call_command("verify_scores")


def test_where_somebody_was_deleted_since_it_says_what_cannot_be_verified(me, capsys):
    live, _ = worker.catch_up(None)
    Citizen.objects.get(key="other-1").delete()
    worker.catch_up(live)
    call_command("verify_scores", json=True)
    assert '"network_recomputed": false' in capsys.readouterr().out
    cast.rescore()
    call_command("verify_scores", json=True)
    assert '"network_recomputed": true' in capsys.readouterr().out


def test_switching_to_live_brings_everything_in_and_back_keeps_it(me):
    live, _ = worker.catch_up(None)
    before = Score.objects.current().get(citizen=me)
    cast.observed(Citizen.objects.get(key="other-1"), cast.loan_overdue(), amount=3, days_ago=0)
    live, _ = worker.catch_up(live)
    assert Score.objects.current().get(citizen=me).network == before.network
    assert set_cadence(acting_user=cast.clerk(), cadence="live") == Cadence.LIVE
    live, applied = worker.catch_up(live)
    at_once = Score.objects.current().get(citizen=me)
    assert (applied, at_once.network < before.network - 1) == (0, True)
    call_command("verify_scores")
    set_cadence(acting_user=cast.clerk(), cadence="run")
    cast.observed(Citizen.objects.get(key="other-2"), cast.loan_overdue(), amount=3, days_ago=0)
    live, _ = worker.catch_up(live)
    assert Score.objects.current().get(citizen=me).network == at_once.network
    call_command("verify_scores")
    entries = AuditEntry.objects.filter(action=AuditAction.CADENCE_SET).order_by("id")
    assert list(entries.values_list("old__cadence", "new__cadence")) == [("run", "live"), ("live", "run")]


def test_a_run_is_one_movement_for_each_and_moves_nobody_twice(me):
    live, _ = worker.catch_up(None)
    dice = random.Random(11)
    while len({somebody_else_acts(dice, me) for _ in range(6)}) < 3:
        pass
    live, _ = worker.catch_up(live)
    last = Movement.objects.order_by("-id").first().pk
    cast.rescore()
    worker.catch_up(None)
    moved = list(Movement.objects.filter(pk__gt=last).values_list("citizen", flat=True))
    assert len(moved) == len(set(moved)) > 0


def test_only_a_publisher_sets_the_cadence_and_only_to_what_there_is(me):
    with pytest.raises(Exception, match="lacks the right"):
        set_cadence(acting_user=me.user, cadence="live")
    with pytest.raises(Exception, match="Choose when others count"):
        set_cadence(acting_user=cast.clerk(), cadence="never")
    assert Programme.objects.cadence() == Cadence.RUN
