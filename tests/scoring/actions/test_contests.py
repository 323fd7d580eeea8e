"""Who may object to what, and who may decide on it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections

from citizens.actions.behaviours import retract
from citizens.actions.consent import withdraw_consent
from citizens.enums import Role
from citizens.models import AuditEntry
from scoring.actions.contests import decide_contest, open_contest
from scoring.enums import ContestStatus
from scoring.models import Contest
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def said():
    """A loan overdue, of Alice, with her consent to its source."""
    return cast.observed(cast.alice(), cast.loan_overdue())


def an_objection(said) -> Contest:
    return open_contest(acting_user=said.citizen.user, behaviour=said, statement="I paid.")


def test_only_the_citizen_objects(said):
    with pytest.raises(PermissionDenied):
        open_contest(acting_user=cast.stranger().user, behaviour=said, statement="She paid.")
    contest = an_objection(said)
    assert (contest.status, contest.statement) == (ContestStatus.OPEN, "I paid.")
    assert AuditEntry.objects.filter(action="contest.opened", citizen=said.citizen).count() == 1


@pytest.mark.parametrize("statement", ["", "  ", "x" * 2_001, "a\0b"])
def test_an_objection_says_something(said, statement):
    with pytest.raises(ValidationError) as refusal:
        open_contest(acting_user=said.citizen.user, behaviour=said, statement=statement)
    assert "statement" in refusal.value.message_dict


def test_one_objects_once(said):
    contest = an_objection(said)
    with pytest.raises(ValidationError, match="waits for a decision"):
        an_objection(said)
    decide_contest(acting_user=cast.clerk(), contest=contest, uphold=False, reason="The bank has proof.")
    with pytest.raises(ValidationError, match="it was decided"):
        an_objection(said)


def test_what_counts_for_nothing_needs_no_objection(said):
    withdraw_consent(acting_user=said.citizen.user, citizen=said.citizen, source=said.source)
    with pytest.raises(ValidationError, match="no consent"):
        an_objection(said)
    retract(acting_user=cast.clerk(), behaviour=said, reason="A mistake.")
    said.refresh_from_db()
    with pytest.raises(ValidationError, match="already retracted"):
        an_objection(said)


def test_staff_decide_with_a_reason_and_upholding_retracts(said):
    contest = an_objection(said)
    with pytest.raises(PermissionDenied):
        decide_contest(acting_user=cast.stranger().user, contest=contest, uphold=True, reason="Poor soul.")
    with pytest.raises(ValidationError):
        decide_contest(acting_user=cast.clerk(), contest=contest, uphold=True, reason=" ")
    decided = decide_contest(acting_user=cast.clerk(), contest=contest, uphold=True, reason="The bank agrees.")
    said.refresh_from_db()
    assert (decided.status, decided.decided_by, said.is_retracted) == (ContestStatus.UPHELD, cast.clerk(), True)
    assert AuditEntry.objects.filter(action="contest.upheld", citizen=said.citizen).count() == 1


def test_nobody_decides_on_their_own_objection(said):
    contest = an_objection(said)
    account = cast.with_roles(said.citizen.user, Role.JUDGE)
    with pytest.raises(PermissionDenied, match="their own objection"):
        decide_contest(acting_user=account, contest=contest, uphold=True, reason="I agree with myself.")
    said.refresh_from_db()
    assert not said.is_retracted


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does(said):
    contest = an_objection(said)

    def decide(staff, uphold: bool) -> str:
        try:
            decide_contest(acting_user=staff, contest=Contest.objects.get(), uphold=uphold, reason="So be it.")
            return "decided"
        except ValidationError as refusal:
            return refusal.messages[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(decide, [cast.clerk(), cast.second_clerk()], [True, False]))
    assert sorted(answers) == ["This contest has already been decided.", "decided"]
    contest.refresh_from_db()
    said.refresh_from_db()
    assert said.is_retracted == (contest.status == ContestStatus.UPHELD)
