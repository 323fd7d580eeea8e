"""Ties that begin: since when they hold, and one partner at a time however many confirm at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from citizens.actions.ties import confirm_tie, propose_tie
from citizens.enums import TieKind
from citizens.models import Tie
from tests import cast


@pytest.mark.django_db
def test_a_tie_holds_since_it_was_confirmed():
    alice, sister = cast.alice(), cast.alices_sister()
    tie = propose_tie(acting_user=alice.user, proposer=alice, other=sister, kind=TieKind.SIBLING)
    assert tie.since is None
    before = timezone.now()
    tie = confirm_tie(acting_user=sister.user, tie=tie)
    assert before <= tie.since == tie.started_at


@pytest.mark.django_db(transaction=True)
def test_of_two_partners_who_confirm_at_once_one_is_refused():
    alice, others = cast.alice(), [cast.person(f"other-{number}") for number in range(4)]
    ties = [propose_tie(acting_user=alice.user, proposer=alice, other=one, kind=TieKind.PARTNER) for one in others]

    def confirmed(number: int) -> bool:
        try:
            confirm_tie(acting_user=others[number].user, tie=Tie.objects.get(pk=ties[number].pk))
        except ValidationError as refused:
            return "has a partner already" not in str(refused)
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as at_once:
        assert sorted(at_once.map(confirmed, range(4))) == [False, False, False, True]
    assert Tie.objects.partners_of(alice).count() == 1
