"""The citizen's page about perks and restrictions."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from perks.models import Perk, Restriction
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def openings():
    Perk.objects.create(key="bike", name="City bike", opens_at=600)
    Perk.objects.create(key="visa", name="Visa papers", opens_at=700)
    Perk.objects.create(key="gone", name="Forgotten perk", opens_at=350, is_active=False)
    Restriction.objects.create(key="loan", name="No loan", closes_below=601)


def page_of(client, citizen):
    client.force_login(citizen.user)
    return client.get(reverse("portal:perks"))


def test_what_a_score_opens_and_closes(client, openings):
    cast.a_rule_set()
    cast.observed(cast.alice(), cast.stroll())
    cast.rescore()
    page = page_of(client, cast.alice())
    assertContains(page, "Your 600 is at least 600.")
    assertContains(page, "It opens at 700: 100 points more than your 600.")
    assertContains(page, "It applies below 601: 1 point more than your 600 would lift it.")


def test_perks_that_are_not_offered_any_more_are_not_shown(client, openings):
    assertNotContains(page_of(client, cast.alice()), "Forgotten perk")


def test_the_unscored_are_told_so(client, openings):
    assertContains(page_of(client, cast.alice()), "no perk is open, and no restriction applies")


def test_queries_do_not_grow_with_the_openings(client, openings, django_assert_num_queries):
    page_of(client, cast.alice())
    for number in range(10):
        Perk.objects.create(key=f"perk-{number}", name=f"Perk {number}", opens_at=600)
    # Session, account; savepoint, read-only, citizen, score twice, perks, restrictions, back; roles, ties,
    # synthetic.
    with django_assert_num_queries(13):
        client.get(reverse("portal:perks"))
