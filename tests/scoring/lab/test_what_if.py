"""What-ifs against really doing it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from citizens.models import Behaviour
from scoring.enums import RuleSetStatus
from scoring.lab import population
from scoring.lab.what_if import Reach, what_if
from scoring.live.worker import catch_up
from scoring.models import RuleSet, Run, Score
from tests import cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_population_held")]


@pytest.fixture
def pair():
    cast.others_count_at_once()
    cast.a_rule_set(cap=200)
    return cast.partners()


def numbers() -> dict[str, int]:
    cast.rescore()
    return dict(Score.objects.current().values_list("citizen__key", "published"))


def test_it_is_what_would_have_happened(pair):
    before = numbers()
    found = what_if(pair[1], [(cast.bill_paid(), 4.0), (cast.loan_overdue(), 1.0)])
    assert (Behaviour.objects.count(), found.before) == (2, before["alices-colleague"])
    cast.observed(pair[1], cast.bill_paid(), amount=4, days_ago=0)
    cast.observed(pair[1], cast.loan_overdue(), amount=1, days_ago=0)
    after = numbers()
    assert found.after == after["alices-colleague"]
    assert found.reach == Reach.FEW
    assert (found.own_before, found.own_after) == (450, 440)


def test_it_goes_by_the_scores_in_force(pair):
    """A rule set that no run has followed yet is not in them, nor is what has faded since the run."""
    before = numbers()
    live, _ = catch_up(None)
    cast.move(RuleSet.objects.get(), RuleSetStatus.RETIRED)
    cast.a_rule_set(base=400)
    Run.objects.update(as_of=timezone.now() - dt.timedelta(days=300))
    found = what_if(pair[1], [(cast.bill_paid(), 4.0)])
    assert found.before == before["alices-colleague"]
    cast.observed(pair[1], cast.bill_paid(), amount=4, days_ago=0)
    catch_up(live)
    assert found.after == Score.objects.current().get(citizen=pair[1]).published


def test_of_somebody_who_is_not_scored(pair):
    stranger = cast.stranger()
    assert what_if(stranger, [(cast.bill_paid(), 1.0)]).before is None
    assert what_if(stranger, [(cast.bill_paid(), 1.0)]).after is None


def test_without_a_rule_set():
    cast.alice()
    with pytest.raises(RuleSet.DoesNotExist):
        what_if(cast.alice(), [])


def test_previews_and_what_ifs_share_a_population_until_something_changes(pair, monkeypatch):
    first = population.frozen()
    rule_set = RuleSet.objects.with_parts().published().get()
    solved = population.in_force(first, rule_set)
    monkeypatch.setattr(population, "_checked_at", timezone.now() - population.CHECK_INTERVAL)
    assert population.frozen() is first
    assert population.in_force(first, rule_set) is solved
    cast.observed(pair[0], cast.bill_paid())
    monkeypatch.setattr(population, "_checked_at", timezone.now() - population.CHECK_INTERVAL)
    assert population.frozen().behaviours == first.behaviours + 1


def test_the_page_says_what_would_happen(client, pair):
    numbers()
    client.force_login(pair[1].user)
    address = reverse("portal:what-if")
    assertContains(client.get(address), "Bill paid on time")
    answer = client.get(address, {"kind": "bill_paid_on_time", "amount": "5"})
    assertContains(answer, "<strong>481</strong>", html=True)
    assertContains(answer, "The numbers of a few people you know depend on yours")
    assert Behaviour.objects.count() == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kind": "no_such", "amount": "1"}, "kind"),
        ({"kind": "bill_paid_on_time", "amount": "-1"}, "amount"),
        ({"kind": "bill_paid_on_time", "amount": "1e9"}, "amount"),
        ({"kind": "bill_paid_on_time", "amount": "nan"}, "amount"),
        ({"kind": "bill_paid_on_time"}, "amount"),
    ],
)
def test_the_page_refuses_what_cannot_be_at_the_field(client, pair, asked, field):
    client.force_login(pair[1].user)
    answer = client.get(reverse("portal:what-if"), asked)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_the_page_without_a_rule_set(client):
    client.force_login(cast.alice().user)
    assertContains(client.get(reverse("portal:what-if")), "nothing to ask")


@pytest.mark.parametrize("network", [-60.4, -60.0, -59.6])
def test_with_each_run_it_tells_nothing_of_the_part_of_a_point_that_others_take(network):
    """Whoever tries one amount after the other learns where their own score turns, and nothing else."""
    cast.a_rule_set()
    alice = cast.alice()
    cast.observed(alice, cast.bill_paid(), amount=1.03)
    cast.rescore()
    Score.objects.update(network=network, drag=network, value=610.3 + network, published=550)
    found = [what_if(alice, [(cast.bill_paid(), amount / 100)]) for amount in range(1, 300, 7)]
    assert all(one.after == 550 + one.own_after - one.own_before for one in found)
    assert {one.reach for one in found} == {None}
