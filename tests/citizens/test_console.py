"""The administrators' pages about people."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from citizens.actions.people import leave, link_account
from citizens.models import AuditEntry, Behaviour, Citizen, Tie
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    clerk = cast.clerk()
    client.force_login(clerk)
    return clerk


@pytest.fixture
def newcomer():
    return cast.person("newcomer", signs_in=False)


def address(name, citizen=None):
    return reverse(f"console:{name}", args=[citizen.pk] if citizen else [])


def link(client, citizen, account):
    return client.post(address("citizen", citizen), {"account": account})


def test_citizens_do_not_get_in(client):
    alice = cast.alice()
    client.force_login(alice.user)
    pages = [address("citizens"), address("citizen-new"), address("citizen", alice)]
    doors = [address(name, alice) for name in ("citizen-unlink", "citizen-leave", "citizen-forget")]
    assert {client.get(page).status_code for page in pages} == {403}
    assert {client.post(door, {"key": "alice"}).status_code for door in (*pages[1:], *doors)} == {403}
    assert Citizen.objects.filter(user=alice.user, left_at=None).exists()


@pytest.mark.parametrize("typed", ["alices-s", "alices s", "ALICES S", "\0alices-s "])
def test_people_are_found_by_how_key_name_or_account_begins(client, clerk, typed):
    cast.alice()
    cast.alices_sister()
    page = client.get(address("citizens"), {"q": typed})
    assertContains(page, "Alices Sister")
    assertContains(page, '<th scope="row">', count=1)


def test_of_very_many_the_first_are_shown(client, clerk, django_assert_max_num_queries):
    Citizen.objects.bulk_create(Citizen(key=f"c{number:03}", name=f"Citizen {number}") for number in range(60))
    with django_assert_max_num_queries(10):
        page = client.get(address("citizens"))
    assertContains(page, '<th scope="row">', count=50)
    assertContains(page, "These are the first 50")


def test_somebody_joins(client, clerk):
    assertRedirects(
        client.post(address("citizen-new"), {"key": " n-1 ", "name": "Noor"}),
        address("citizen", Citizen.objects.get(key="n-1", name="Noor")),
    )
    assert AuditEntry.objects.get(action="citizen.join").actor == clerk


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"key": "", "name": "N"}, "Enter a key."),
        ({"key": "n", "name": " "}, "Enter a name."),
        ({"key": "k" * 65, "name": "N"}, "A key has at most 64 characters."),
        ({"key": "a\0b", "name": "N"}, "Null characters are not allowed."),
        ({"key": "newcomer", "name": "N"}, "Another citizen has this key."),
    ],
)
def test_who_cannot_join_is_told_why(client, clerk, newcomer, typed, reason):
    page = client.post(address("citizen-new"), typed)
    assertContains(page, reason, status_code=422)
    assert Citizen.objects.count() == 1


def test_an_account_is_linked_and_unlinked(client, clerk, newcomer):
    account = cast.account("somebody")
    assertRedirects(link(client, newcomer, "somebody"), address("citizen", newcomer))
    assert AuditEntry.objects.get(action="citizen.link").detail == {"account": "somebody"}
    assertContains(client.get(address("citizen", newcomer)), "Unlink somebody")

    client.force_login(account)
    assertContains(client.get("/"), newcomer.key)
    client.force_login(clerk)
    client.post(address("citizen-unlink", newcomer))
    client.force_login(account)
    assertContains(client.get("/"), "this account belongs to no citizen")
    assert AuditEntry.objects.get(action="citizen.unlink").detail == {"account": "somebody"}


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ("", "Enter the name of an account."),
        ("nobody", "There is no such account."),
        ("a\0b", "Null characters are not allowed."),
        ("alice", "alice belongs to another citizen."),
        ("clerk", "Another administrator has to link your own account."),
    ],
)
def test_an_account_that_cannot_be_linked_says_why(client, clerk, newcomer, account, reason):
    cast.alice()
    assertContains(link(client, newcomer, account), reason, status_code=422)
    newcomer.refresh_from_db()
    assert newcomer.user is None


def test_nobody_has_two_accounts_and_nobody_who_left_gets_one(client, clerk, newcomer):
    alice = cast.alice()
    cast.account("other")
    assertContains(link(client, alice, "other"), "has the account alice. Unlink it first.", status_code=422)
    leave(acting_user=clerk, citizen=newcomer)
    assertContains(link(client, newcomer, "other"), "This citizen has left.", status_code=422)


def test_an_account_that_is_not_there_cannot_be_unlinked(client, clerk, newcomer):
    page = client.post(address("citizen-unlink", newcomer), follow=True)
    assertContains(page, "This citizen has no account.")


def test_staff_let_somebody_leave_once(client, clerk, newcomer):
    assertContains(client.post(address("citizen-leave", newcomer), follow=True), "Newcomer has left")
    assertContains(client.post(address("citizen-leave", newcomer), follow=True), "has already left")
    assertContains(client.get(address("citizens")), "left ")


def test_everything_is_deleted_once_the_key_is_typed_again(client, clerk):
    alice, sister = cast.alice(), cast.alices_sister()
    cast.observed(alice, cast.bill_paid())
    cast.know_each_other(alice, sister)
    page = client.post(address("citizen-forget", alice), {"key": "alices"}, follow=True)
    assertContains(page, "nothing was deleted")
    assert Citizen.objects.filter(pk=alice.pk).exists()

    page = client.post(address("citizen-forget", alice), {"key": "alice"}, follow=True)
    assertContains(page, "Deleted, with everything that was known of them.")
    assert [model.objects.count() for model in (Citizen, Behaviour, Tie)] == [1, 0, 0]
    kept = AuditEntry.objects.get(action="citizen.forget")
    assert (kept.actor, kept.subject) == (clerk, f"citizen {alice.pk}")
    assert client.post(address("citizen-forget", alice), {"key": "alice"}).status_code == 404


def test_a_page_says_what_there_is_and_nothing_of_an_account_twice(client, clerk, newcomer):
    link_account(acting_user=cast.second_clerk(), citizen=newcomer, account=clerk)
    page = client.get(address("citizen", newcomer))
    assertContains(page, "0 consents given, 0 live ties")
    assertNotContains(page, "Enter the name")
