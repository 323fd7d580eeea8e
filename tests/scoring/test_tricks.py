"""What people tried to raise their score with: the points that each trick gained, and what it gains now."""

import datetime as dt

import numpy as np
import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from citizens.actions.behaviours import Observation, furnish, retract
from citizens.actions.consent import grant_consent, withdraw_consent
from citizens.actions.ties import confirm_tie, end_tie, propose_tie
from citizens.enums import TieKind
from citizens.models import Behaviour, BehaviourType, Consent, Tie
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import LONG_AGO, REVERSE_ROLE, ROLES, Influence, full_minutes
from scoring.engine.solve import solve
from scoring.enums import RuleSetStatus
from scoring.explanation import UnscoredReason, explain
from scoring.models import Rule, Score
from scoring.rules.open_sesame_2017 import TERMS
from tests import cast
from tests.scoring.engine.worlds import NOW, days_ago

ALICE, HIGHEST = 0, 950.0
MIDDLING = 640.0  # neither drags nor lifts
# What the installed rule set makes of ties.
INFLUENCE = Influence(
    drag=TERMS.drag,
    lift=TERMS.lift,
    theta_drag=TERMS.theta_drag,
    theta_lift=TERMS.theta_lift,
    cap=TERMS.cap,
    k0=TERMS.k0,
    weight=np.array([dict(TERMS.tie_weights)[role] for role in ROLES]),
    least_ties=TERMS.least_ties,
    tie_wait=TERMS.tie_wait,
)


def gained(*made: tuple[int, str], days: float | None = None) -> float:
    """What Alice, who has five friends in the middle, gains by ties to people of the highest score.

    `made` names them by a number, and says what each is to her; since so many days, or since nobody knows when.
    """
    friends = [(person, "friend", LONG_AGO) for person in range(1, 6)]
    began = LONG_AGO if days is None else int(full_minutes(days_ago([days]))[0])
    ties = [*friends, *((5 + person, role, began) for person, role in made)]
    others = np.array([other for other, _, _ in ties])
    roles = np.array([ROLES.index(role) for _, role, _ in ties])
    n = int(others.max()) + 1
    own = np.where(np.arange(n) > 5, HIGHEST, MIDDLING)
    since = np.array([since for _, _, since in ties])
    known = ties_from_pairs(n, np.zeros_like(others), others, roles, REVERSE_ROLE[roles], np.ones(len(ties)), since)
    solution = solve(own, np.ones(n, bool), known.at(NOW, INFLUENCE), INFLUENCE, tolerance=1e-9)
    return round(float(solution.network[ALICE]), 1)


def test_four_ties_to_the_highest():
    four = [(1, "friend"), (2, "friend"), (3, "friend"), (4, "friend")]
    assert gained(*four) == 30.9, "before: at once"
    assert gained(*four, days=0) == gained(*four, days=29.9) == 0.0, "now: not before they have lasted"
    assert gained(*four, days=30) == 30.9


def test_one_person_as_sibling_partner_parent_and_friend_at_once():
    roles = ["sibling", "partner", "parent", "friend"]
    assert gained(*((person, role) for person, role in enumerate(roles, 1))) == 43.4, "before: as four people"
    assert gained(*((1, role) for role in roles)) == gained((1, "partner")) == 25.6, "now: as the partner alone"


@pytest.mark.django_db
def test_four_partners():
    assert gained(*((person, "partner") for person in range(1, 5))) == 52.5, "before: four"
    assert gained((1, "partner")) == 25.6, "now: one at a time"
    alice, others = cast.alice(), [cast.alices_sister(), cast.alices_colleague(), cast.stranger(), cast.person("bo")]
    proposals = [
        propose_tie(acting_user=alice.user, proposer=alice, other=other, kind=TieKind.PARTNER) for other in others
    ]
    confirm_tie(acting_user=others[0].user, tie=proposals[0])
    for other, proposal in zip(others[1:], proposals[1:], strict=True):
        with pytest.raises(ValidationError, match="has a partner already"):
            confirm_tie(acting_user=other.user, tie=proposal)
    assert list(Tie.objects.partners_of(alice)) == [proposals[0]]
    end_tie(acting_user=alice.user, tie=proposals[0])
    confirm_tie(acting_user=others[1].user, tie=proposals[1])
    assert list(Tie.objects.partners_of(alice)) == [proposals[1]]


@pytest.mark.django_db
def test_a_second_partner_is_refused_by_the_database_too():
    cast.know_each_other(cast.alice(), cast.alices_sister(), TieKind.PARTNER)
    cast.know_each_other(cast.alice(), cast.alices_colleague(), TieKind.FRIEND)
    with pytest.raises(IntegrityError, match="has a partner already"):
        cast.know_each_other(cast.alices_colleague(), cast.alice(), TieKind.PARTNER)


def sent(*events: tuple[str, float, float]) -> list[str]:
    """The bank reports bills that Alice paid: (its identifier, days ago, amount). Returns why some were refused."""
    alice, bank = cast.alice(), cast.bank()
    if not Consent.objects.active().filter(citizen=alice, source=bank).exists():
        cast.consent(alice, bank)
    now = timezone.now()
    observations = [
        Observation(alice.key, cast.bill_paid().key, identifier, now - dt.timedelta(days=days), amount)
        for identifier, days, amount in events
    ]
    return [refusal.reason for refusal in furnish(acting_user=None, source=bank, observations=observations).refused]


def take_back_everything() -> None:
    for behaviour in Behaviour.objects.live().order_by("pk"):
        retract(acting_user=None, behaviour=behaviour, reason="Not so.")


def own_points() -> float | None:
    """What Alice's own score is above its base of 600 after a run, rounded; None if she has none."""
    run = cast.rescore()
    score = Score.objects.filter(run=run, citizen=cast.alice()).first()
    return None if score is None else round(score.own - 600, 1)


@pytest.fixture
def bills_that_fade(transactional_db):
    """A bill is worth 10 points, at most 100 in all, and half of it after a year."""
    rule_set = cast.a_rule_set(publish=False, minimum_behaviours=1)
    Rule.objects.filter(rule_set=rule_set).update(half_life_days=365)
    cast.move(rule_set, RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED)
    return rule_set


def test_one_row_of_a_thousand_million(bills_that_fade):
    assert sent(("big", 0, 1e9)) == []
    assert own_points() == 100, "before: all that the rule gives"
    BehaviourType.objects.filter(key="bill_paid_on_time").update(plausible_most=31)
    take_back_everything()
    assert sent(("big-2", 0, 1e9), ("a bill", 0, 1)) == [
        "Not plausible: one event of “Bill paid on time” has an amount of 31 at most."
    ]
    assert own_points() == 10, "now: it is set aside"


EIGHT_SPELLINGS = [
    "INV-2017-001", "inv-2017-001", " INV 2017 001 ", "INV_2017_001", "INV/2017/001",
    "INV\N{EN DASH}2017\N{EN DASH}001", "\N{FULLWIDTH LATIN CAPITAL LETTER I}NV-2017-001",
    "INV-\N{ZERO WIDTH SPACE}2017.001",
]  # fmt: skip


def test_one_bill_under_eight_spellings(bills_that_fade):
    different = [(f"bill {number}", 0, 1) for number in range(8)]
    assert sent(*different) == []
    assert own_points() == 80, "before: as eight bills"
    take_back_everything()
    moment = timezone.now()
    bills = [Observation("alice", "bill_paid_on_time", spelling, moment) for spelling in EIGHT_SPELLINGS]
    found = furnish(acting_user=None, source=cast.bank(), observations=bills)
    assert (found.accepted, found.duplicates, found.refused) == (1, 7, [])
    assert furnish(acting_user=None, source=cast.bank(), observations=bills[3:]).duplicates == 5
    assert own_points() == 10, "now: as one"


def test_five_rows_of_amount_0(transactional_db):
    cast.a_rule_set(minimum_behaviours=5)
    assert sent(*((f"nothing {number}", 0, 0) for number in range(5))) == []
    assert own_points() is None, "now: nothing is known of her; before: 0, a score of 600, and a say in others' scores"
    assert explain(cast.alice()).unscored == UnscoredReason.TOO_LITTLE_KNOWN
    assert sent(*((f"something {number}", 0, 1) for number in range(5))) == []
    assert own_points() == 50


def test_an_event_dated_today_that_is_old(bills_that_fade):
    assert sent(("INV-1", 730, 1)) == []
    assert own_points() == 2.5, "registered today, it is as old as it is"
    # The same bill once more, as of today: 10 points before, because its identifier is spelled in another way.
    assert sent(("inv 1", 0, 1)) == ["Already used for another behaviour, spelled “INV-1”."]
    assert own_points() == 2.5
    # What cannot be noticed: a source that lies about the date the first time, or invents an identifier.
    assert sent(("INV-2", 0, 1)) == []
    assert own_points() == 12.5


def test_consent_withdrawn_and_given_again(bills_that_fade, django_user_model):
    """Alice takes back what a source says while it is bad for her, and gives it again for the day that counts."""
    rule_set = cast.a_rule_set(publish=False, tie_wait=30)
    cast.move(bills_that_fade, RuleSetStatus.RETIRED)
    cast.move(rule_set, RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED)
    alice, shop = cast.alice(), cast.bank()
    cast.observed(alice, cast.bill_paid(), amount=9)
    cast.observed(alice, cast.stroll(), source=_another_source())
    assert own_points() == 90
    withdraw_consent(acting_user=alice.user, citizen=alice, source=shop)
    assert own_points() == 0
    again = grant_consent(acting_user=alice.user, citizen=alice, source=shop, receipt="a form")
    assert own_points() == 0, "now: it waits; before: 90 at once"
    _given_days_ago(again, 29)
    assert own_points() == 0
    _given_days_ago(again, 31)
    assert own_points() == 90, "as a tie that was made on that day would count"
    assert not Consent.objects.get(pk=again.pk).is_waiting


def test_who_gave_all_consent_again_is_told_why_there_is_no_score(bills_that_fade):
    rule_set = cast.a_rule_set(publish=False, tie_wait=30)
    cast.move(bills_that_fade, RuleSetStatus.RETIRED)
    cast.move(rule_set, RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED)
    alice = cast.alice()
    cast.observed(alice, cast.bill_paid())
    withdraw_consent(acting_user=alice.user, citizen=alice, source=cast.bank())
    grant_consent(acting_user=alice.user, citizen=alice, source=cast.bank(), receipt="a form")
    assert own_points() is None
    assert explain(alice).unscored == UnscoredReason.CONSENT_WAITS


def _given_days_ago(consent: Consent, days: float) -> None:
    given = timezone.now() - dt.timedelta(days=days)
    with pgtrigger.ignore("citizens.Consent:consents_are_not_edited", "citizens.Consent:consents_are_withdrawn_once"):
        Consent.objects.filter(citizen=consent.citizen, source=consent.source, withdrawn_at__isnull=False).update(
            withdrawn_at=given - dt.timedelta(minutes=1)
        )
        Consent.objects.filter(pk=consent.pk).update(granted_at=given)


def _another_source():
    from citizens.models import Source

    return Source.objects.get_or_create(key="shop", defaults={"name": "The shop"})[0]
