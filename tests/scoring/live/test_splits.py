"""What may be shown of a network effect is written with the run, and stays while it is true."""

import pytest

from citizens.models import Citizen
from scoring.engine.parts import NOTHING_SHOWN, NetworkSplit, unpacked
from scoring.live import worker
from scoring.models import Score
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def friends() -> list[Citizen]:
    """Alice at 610 on her own, and her five friends, each at 450; others count at once."""
    cast.others_count_at_once()
    cast.a_rule_set()
    alice = cast.alice()
    cast.observed(alice, cast.bill_paid(), amount=1)
    others = [cast.person(f"friend-{number}") for number in range(5)]
    for friend in others:
        cast.observed(friend, cast.loan_overdue(), amount=3)
        cast.know_each_other(alice, friend)
    cast.rescore()
    return [alice, *others]


def split_of(citizen: Citizen) -> NetworkSplit:
    return unpacked(Score.objects.current().get(citizen=citizen).network_split)


def test_a_run_writes_what_may_be_shown(friends):
    assert split_of(friends[0]).by_role == {"friend": -68}, "0.4 · (600 − 430), before the cap of 60"
    assert split_of(friends[1]) == NOTHING_SHOWN, "one friend alone"


def test_what_one_does_oneself_leaves_it_alone_and_what_others_do_makes_it_untrue(friends):
    live, _ = worker.catch_up(None)
    cast.observed(friends[0], cast.bill_paid(), amount=0, days_ago=0)
    live, _ = worker.catch_up(live)
    assert Score.objects.current().get(citizen=friends[0]).known_at
    assert split_of(friends[0]).by_role == {"friend": -68}
    cast.observed(friends[1], cast.bill_paid(), amount=5, days_ago=0)
    worker.catch_up(live)
    assert split_of(friends[0]) == NOTHING_SHOWN
