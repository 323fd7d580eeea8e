"""The administrators' pages about people."""

import threading
from functools import partial

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from citizens.actions import people
from citizens.actions.consent import grant_consent
from citizens.actions.people import forget, leave, link_account, unlink_account
from citizens.actions.ties import confirm_tie, end_tie, propose_tie
from citizens.enums import TieKind
from citizens.models import AuditEntry, Behaviour, Citizen, Tie
from tests import cast
from tests.beside import in_a_thread
from tests.pages import soup

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
    with django_assert_max_num_queries(11):
        page = client.get(address("citizens"), {"q": "Citizen"})
    assertContains(page, '<th scope="row">', count=50)
    assertContains(page, "?q=Citizen&amp;after=c049")
    last = client.get(address("citizens"), {"q": "Citizen", "after": "c049"})
    assertContains(last, '<th scope="row">', count=10)
    assertNotContains(last, "&amp;after=")
    assertContains(client.get(address("citizens"), {"q": "Citizen", "after": "d"}), "nobody further")


def test_a_whole_key_comes_before_those_that_begin_with_it(client, clerk):
    Citizen.objects.bulk_create(Citizen(key=f"12{number:03}", name="Somebody") for number in range(60))
    cast.person("12", signs_in=False)
    assert client.get(address("citizens"), {"q": "12"}).context["page"].rows[0].key == "12"


def test_somebody_joins(client, clerk):
    assertRedirects(
        client.post(address("citizen-new"), {"key": " n-1 ", "name": "Noor"}),
        address("citizen", Citizen.objects.get(key="n-1", name="Noor")),
    )
    assert AuditEntry.objects.get(action="citizen.joined").actor == clerk


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"key": "", "name": "N"}, "Enter a key."),
        ({"key": "n", "name": " "}, "Enter a name."),
        ({"key": "k" * 65, "name": "N"}, "A key has at most 64 characters."),
        ({"key": "a\0b", "name": "N"}, "Null characters are not allowed."),
        ({"key": "newcomer", "name": "N"}, "Another citizen has this key"),
        ({"key": "NewComer", "name": "N"}, "differs in capitals only"),
        ({"key": "new\u200bcomer", "name": "N"}, "no characters that cannot be seen"),
    ],
)
def test_who_cannot_join_is_told_why(client, clerk, newcomer, typed, reason):
    page = client.post(address("citizen-new"), typed)
    assertContains(page, reason, status_code=422)
    assert Citizen.objects.count() == 1


def test_an_account_is_linked_and_unlinked(client, clerk, newcomer):
    account = cast.account("somebody")
    assertRedirects(link(client, newcomer, "somebody"), address("citizen", newcomer))
    assert AuditEntry.objects.get(action="account.linked").new == "somebody"
    assertContains(client.get(address("citizen", newcomer)), "Unlink somebody")

    client.force_login(account)
    assertContains(client.get("/"), newcomer.key)
    client.force_login(clerk)
    client.post(address("citizen-unlink", newcomer))
    client.force_login(account)
    assertContains(client.get("/"), "this account belongs to no citizen")
    assert AuditEntry.objects.get(action="account.unlinked").old == "somebody"


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ("", "Enter the name of an account."),
        ("nobody", "There is no such account."),
        ("a\0b", "Null characters are not allowed."),
        ("alice", "alice belongs to another citizen."),
        ("clerk", "linked and unlinked by another administrator"),
        ("gone", "it is not active"),
    ],
)
def test_an_account_that_cannot_be_linked_says_why(client, clerk, newcomer, account, reason):
    cast.alice()
    cast.account("gone", is_active=False)
    assertContains(link(client, newcomer, account), reason, status_code=422)
    newcomer.refresh_from_db()
    assert newcomer.user is None


def test_an_account_is_found_whatever_its_case(client, clerk, newcomer):
    upper, lower = cast.account("Somebody"), cast.account("somebody")
    link(client, newcomer, "SOMEBODY")
    link(client, cast.person("another", signs_in=False), "somebody")
    newcomer.refresh_from_db()
    assert {newcomer.user, Citizen.objects.get(key="another").user} == {upper, lower}


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
    page = client.post(address("citizen-forget", alice), {"key": "alices"})
    assertContains(page, "nothing was deleted", status_code=422)
    box = soup(page).find("input", attrs={"name": "key"})
    assert (box["value"], box.find_parent("details").has_attr("open")) == ("alices", True)
    assert Citizen.objects.filter(pk=alice.pk).exists()

    page = client.post(address("citizen-forget", alice), {"key": "alice"}, follow=True)
    assertContains(page, "Deleted, with all that was known of them.")
    assert [model.objects.count() for model in (Citizen, Behaviour, Tie)] == [1, 0, 0]
    kept = AuditEntry.objects.get(action="citizen.forgotten")
    assert (kept.actor, kept.subject_kind, kept.subject_id, kept.subject_name) == (
        clerk,
        "citizens.citizen",
        alice.pk,
        "",
    )
    assert not apps.get_model("citizens", "CitizenEvent").objects.filter(pgh_obj_id=alice.pk).exists()
    assert client.post(address("citizen-forget", alice), {"key": "alice"}).status_code == 404


def test_the_audit_trail_has_numbers_for_names(client, clerk):
    zebulon, other = cast.person("zebulon"), cast.alices_sister()
    consent = grant_consent(acting_user=zebulon.user, citizen=zebulon, source=cast.bank(), receipt="a form")
    tie = propose_tie(acting_user=zebulon.user, proposer=zebulon, other=other, kind=TieKind.FRIEND)
    confirm_tie(acting_user=other.user, tie=tie)
    end_tie(acting_user=zebulon.user, tie=tie)
    leave(acting_user=zebulon.user, citizen=zebulon)
    client.post(address("citizen-forget", zebulon), {"key": "zebulon"})
    subjects = AuditEntry.objects.order_by("id").values_list("subject_kind", "subject_id", "subject_name")
    ties, citizens = [("citizens.tie", tie.pk, "")] * 3, [("citizens.citizen", zebulon.pk, "")] * 2
    assert list(subjects) == [("citizens.consent", consent.pk, ""), *ties, *citizens]


def test_nobody_unlinks_their_own_account(client, clerk, newcomer):
    link_account(acting_user=cast.second_clerk(), citizen=newcomer, account=clerk)
    page = client.post(address("citizen-unlink", newcomer), follow=True)
    assertContains(page, "linked and unlinked by another administrator")
    newcomer.refresh_from_db()
    assert newcomer.user == clerk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ["citizen", "citizen-forget"])
def test_who_cannot_wait_for_an_import_is_told_so(client, clerk, newcomer, monkeypatch, door):
    monkeypatch.setattr(people, "SECONDS_TO_WAIT", 0.2)
    cast.account("somebody")
    imported, written = threading.Event(), threading.Event()

    def imports():
        with transaction.atomic():
            cast.observed(newcomer, cast.bill_paid())
            written.set()
            imported.wait(20)

    thread = in_a_thread(imports)
    thread.start()
    try:
        assert written.wait(20)
        page = client.post(address(door, newcomer), {"account": "somebody", "key": "newcomer"}, follow=True)
    finally:
        imported.set()
        thread.join()
    assertContains(page, "Something is being written about this citizen", status_code=page.status_code)
    newcomer.refresh_from_db()
    assert newcomer.user is None


@pytest.mark.parametrize("action", [unlink_account, partial(forget, key="newcomer")])
def test_who_was_deleted_meanwhile_is_missed_in_words(clerk, newcomer, action):
    gone = Citizen.objects.get(pk=newcomer.pk)
    newcomer.delete()
    with pytest.raises(ValidationError, match="no such citizen any more"):
        action(acting_user=clerk, citizen=gone)


def test_a_page_says_what_there_is_and_nothing_of_an_account_twice(client, clerk, newcomer):
    link_account(acting_user=cast.second_clerk(), citizen=newcomer, account=clerk)
    page = client.get(address("citizen", newcomer))
    assertContains(page, "0 consents given.")
    assertContains(page, "0 live ties.")
    assertNotContains(page, "Enter the name")
