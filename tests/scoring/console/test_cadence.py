"""The page on which it is set when others count, and what citizens read of it."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from citizens.enums import Role
from scoring.enums import Cadence
from scoring.models import Programme
from tests import cast

pytestmark = pytest.mark.django_db

ADDRESS = "console:cadence"


def test_a_publisher_finds_it_with_the_runs_and_sets_it(client):
    client.force_login(cast.account("paula", Role.PUBLISHER))
    assertContains(client.get(reverse("console:runs")), "together, with each run")
    assertContains(client.get(reverse(ADDRESS)), "For invented people only.")
    answer = client.post(reverse(ADDRESS), {"cadence": "live"}, follow=True)
    assertContains(answer, "scores follow within a second")
    assertContains(answer, "What others do enters a number at once")
    assert Programme.objects.cadence() == Cadence.LIVE


@pytest.mark.parametrize("typed", [{}, {"cadence": "never"}])
def test_what_cannot_be_is_refused_at_the_field(client, typed):
    client.force_login(cast.account("paula", Role.PUBLISHER))
    answer = client.post(reverse(ADDRESS), typed)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"cadence": ["Choose one of the two."]})
    assert Programme.objects.cadence() == Cadence.RUN


def test_an_operator_reads_it_and_cannot_set_it(client):
    client.force_login(cast.account("otto", Role.OPERATOR))
    page = client.get(reverse(ADDRESS))
    assertContains(page, "Between runs nobody can tell")
    assertNotContains(page, '<button class="primary">Set</button>', html=True)
    assert client.post(reverse(ADDRESS), {"cadence": "live"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_citizens_read_when_others_count_and_what_that_tells(client):
    cast.a_rule_set()
    alice, _ = cast.partners()
    cast.rescore()
    client.force_login(alice.user)
    assertContains(client.get(reverse("portal:why")), "enter your number with the next run")
    cast.others_count_at_once()
    assertContains(client.get(reverse("portal:why")), "can work out the scores of the people they know")
