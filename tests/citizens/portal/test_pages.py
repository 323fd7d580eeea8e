"""The citizen's pages about what is known of them."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from citizens.actions.people import leave
from citizens.enums import ChangeKind, ConsentOrigin, Context, Role, TieKind
from citizens.models import Behaviour, Change, Consent, Source, Tie
from tests import cast
from tests.pages import seen_on, soup, text

pytestmark = pytest.mark.django_db

PAGES = ("ties", "consents", "behaviours")


@pytest.fixture
def alice(client):
    alice = cast.alice()
    client.force_login(alice.user)
    return alice


def address(name, **kwargs):
    return reverse(f"portal:{name}", kwargs=kwargs)


def propose(client, *, other="alices-sister", kind="sibling", strength="0.5"):
    return client.post(address("ties"), {"other": other, "kind": kind, "strength": strength})


def test_strangers_are_asked_to_sign_in(client):
    for name in PAGES:
        assertRedirects(client.get(address(name)), f"/accounts/login/?next={address(name)}")


def test_staff_without_a_citizen_are_refused(client):
    client.force_login(cast.clerk())
    assert [client.get(address(name)).status_code for name in PAGES] == [403, 403, 403]


def test_no_page_is_empty_for_somebody_of_whom_nothing_is_known(client, alice):
    assertContains(client.get(address("ties")), "nobody moves your score but you")
    assertContains(client.get(address("consents")), "No source furnishes behaviours yet")
    assertContains(client.get(address("behaviours")), "Nothing was reported yet")


def test_a_proposal_waits_for_the_other_side(client, alice):
    sister = cast.alices_sister()
    assertRedirects(propose(client), address("ties"))
    tie = Tie.objects.get()
    assert (tie.is_proposed, tie.strength, tie.role_for(alice)) == (True, 0.5, TieKind.SIBLING)
    assertContains(client.get(address("ties")), "Waiting for them")

    client.force_login(sister.user)
    assertContains(client.get(address("ties")), "says you know each other")
    client.post(address("tie-confirm", pk=tie.pk))
    tie.refresh_from_db()
    assert tie.is_live


def test_every_page_says_that_a_proposal_waits(client, alice):
    sister = cast.alices_sister()
    propose(client)
    waiting = '<span class="visually-hidden">1 proposal waits for you</span>'
    assertNotContains(client.get(address("behaviours")), waiting)
    client.force_login(sister.user)
    assertContains(client.get(address("behaviours")), waiting)


def test_a_guessed_key_does_not_give_away_a_name(client, alice):
    cast.alices_sister()
    propose(client)
    assertNotContains(client.get(address("ties")), "Alices Sister")


@pytest.mark.parametrize("roles", [[], [Role.REGISTRAR]])
def test_the_proposer_cannot_confirm_for_the_other_side(client, alice, roles):
    cast.with_roles(alice.user, *roles)
    cast.alices_sister()
    propose(client)
    refused = client.post(address("tie-confirm", pk=Tie.objects.get().pk), follow=True)
    assertContains(refused, "message error")
    assert Tie.objects.get().is_proposed


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("other", {"other": "nobody"}, "No member has this key"),
        ("other", {"other": "alice"}, "A tie needs two people"),
        ("kind", {"kind": "rival"}, "Choose one of these."),
        ("strength", {"strength": "2"}, "Enter a number from 0.01 to 1."),
        ("strength", {"strength": "much"}, "Enter a number"),
    ],
)
def test_a_refused_proposal_says_why_at_the_field_and_keeps_what_was_typed(client, alice, field, typed, reason):
    cast.alices_sister()
    page = propose(client, **typed)
    assert page.status_code == 422
    assert reason in str(page.context["form"].errors[field])
    assertContains(page, f'value="{typed.get("other", "alices-sister")}"', status_code=422)
    assert not Tie.objects.exists()


def test_the_same_tie_cannot_be_proposed_twice(client, alice):
    cast.alices_sister()
    propose(client)
    assert "You have proposed this tie already (Sibling); it waits for them." in str(
        propose(client).context["form"].errors["other"]
    )
    assert Tie.objects.count() == 1


def test_a_parent_and_a_child_are_one_tie_read_from_either_side(client, alice):
    mother = cast.person("mother")
    client.force_login(mother.user)
    propose(client, other="alice", kind="child")
    client.force_login(alice.user)
    refused = propose(client, other="mother", kind="parent").context["form"].errors["other"]
    assert "They have proposed this tie already (Parent); it waits for you to confirm." in str(refused)
    client.post(address("tie-confirm", pk=Tie.objects.get().pk))
    refused = propose(client, other="mother", kind="child").context["form"].errors["other"]
    assert "You already have this tie with them: Parent." in str(refused)


@pytest.mark.parametrize("typed", ["Alices-Sister", "  alices-sister ", "ALICES-SISTER"])
def test_a_key_is_found_whatever_its_case_and_the_spaces_around_it(client, alice, typed):
    cast.alices_sister()
    assertRedirects(propose(client, other=typed), address("ties"))


def test_either_side_ends_a_tie(client, alice):
    tie = cast.know_each_other(alice, cast.alices_sister(), TieKind.SIBLING)
    page = client.post(address("tie-end", pk=tie.pk), follow=True)
    assertContains(page, "It counts no longer")
    tie.refresh_from_db()
    assert not tie.is_live


def test_ending_it_again_is_refused_in_words(client, alice):
    tie = cast.know_each_other(alice, cast.alices_sister())
    client.post(address("tie-end", pk=tie.pk))
    assertContains(client.post(address("tie-end", pk=tie.pk), follow=True), "This tie has already ended.")


def test_nobody_else_sees_or_ends_a_tie(client):
    tie = cast.know_each_other(cast.alice(), cast.alices_sister())
    client.force_login(cast.stranger().user)
    for action in ("confirm", "decline", "end"):
        assert client.post(address(f"tie-{action}", pk=tie.pk)).status_code == 404
    assertNotContains(client.get(address("ties")), "Alices Sister")


def test_a_link_cannot_end_a_tie(client, alice):
    tie = cast.know_each_other(alice, cast.alices_sister())
    assert client.get(address("tie-end", pk=tie.pk)).status_code == 405


def test_consent_is_given_and_withdrawn(client, alice):
    cast.bank()
    client.post(address("consent", pk=cast.bank().pk), {"seen": seen_on(client.get(address("consents")))})
    assert Consent.objects.active().filter(citizen=alice).exists()
    assertContains(client.get(address("consents")), "You gave it on this page.")
    client.post(address("consent", pk=cast.bank().pk), {"withdraw": "1"})
    assert not Consent.objects.active().filter(citizen=alice).exists()


def test_giving_consent_twice_is_refused_in_words(client, alice):
    cast.bank()
    read = {"seen": seen_on(client.get(address("consents")))}
    cast.consent(alice)
    again = client.post(address("consent", pk=cast.bank().pk), read, follow=True)
    assertContains(again, "There is already a consent")
    assert Consent.objects.active().count() == 1


def test_behaviours_are_one_s_own(client, alice):
    cast.observed(alice, cast.bill_paid())
    cast.observed(cast.stranger(), cast.loan_overdue())
    page = client.get(address("behaviours"))
    assertContains(page, "Bill paid on time")
    assertNotContains(page, "Loan overdue")


def test_a_behaviour_without_consent_is_marked_as_not_counting(client, alice):
    cast.observed(alice, cast.bill_paid())
    client.post(address("consent", pk=cast.bank().pk), {"withdraw": "1"})
    assertContains(client.get(address("behaviours")), "Does not count: no consent")


def test_behaviours_come_in_pages_even_when_the_page_number_is_nonsense(client, alice):
    cast.observed(alice, cast.bill_paid(), days_ago=300)
    many = [
        Behaviour(
            citizen=alice,
            type=cast.bill_paid(),
            source=cast.bank(),
            external_id=f"bulk-{n}",
            occurred_at=cast.long_ago(),
        )
        for n in range(60)
    ]
    Behaviour.objects.bulk_create(many)
    assertContains(client.get(address("behaviours")), "Page 1 of 2")
    assertContains(client.get(address("behaviours"), {"page": "2"}), "Page 2 of 2")
    assertContains(client.get(address("behaviours"), {"page": "x"}), "Page 1 of 2")


@pytest.mark.parametrize("name", PAGES)
def test_queries_do_not_grow_with_the_data(client, alice, name, django_assert_num_queries):
    def grow(start):
        for n in range(start, start + 3):
            source = Source.objects.create(key=f"source-{n}", name=f"Source {n}")
            cast.observed(alice, cast.bill_paid(), source=source)
            cast.know_each_other(alice, cast.person(f"friend-{n}", signs_in=False))

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    grow(0)
    with CaptureQueriesContext(connection) as few:
        client.get(address(name))
    grow(3)
    with django_assert_num_queries(len(few)):
        client.get(address(name))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_once_whose_account_it_is(client, alice, name):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(address(name))
    by_account = [
        query["sql"] for query in queries if f'"citizens_citizen"."user_id" = {alice.user_id}' in query["sql"]
    ]
    assert len(by_account) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"origin": ConsentOrigin.PORTAL}, "You gave it on this page."),
        ({"origin": ConsentOrigin.IMPORT, "receipt": "june.csv"}, "Recorded by the import of the file “june.csv”."),
        ({"origin": ConsentOrigin.TOWN}, "Invented with you, by the generator."),
        ({"origin": ConsentOrigin.FORM, "receipt": "leaflet 3"}, "You gave it on a form: leaflet 3."),
        ({"origin": ConsentOrigin.FORM}, "You gave it on a form."),
    ],
)
def test_a_consent_says_how_it_was_given(client, alice, given, words):
    Consent.objects.create(citizen=alice, source=cast.bank(), **given)
    (bank,) = soup(client.get(address("consents"))).select("tbody th")
    assert text(bank).endswith(words)


def test_a_consent_given_in_the_portal_says_so(client, alice):
    cast.bank()
    client.post(address("consent", pk=cast.bank().pk), {"seen": seen_on(client.get(address("consents")))})
    assert Consent.objects.get().origin == ConsentOrigin.PORTAL


def test_a_source_whose_key_fits_no_address_is_consented_to_all_the_same(client, alice):
    source = Source.objects.create(key="of old, with spaces", name="The old one")
    assertContains(client.get(address("consents")), "The old one")
    client.post(address("consent", pk=source.pk), {"seen": seen_on(client.get(address("consents")))})
    assert Consent.objects.active().filter(citizen=alice, source=source).exists()


def test_a_citizen_reads_what_a_source_may_speak_of_before_they_agree(client, alice):
    Source.objects.create(key="office", name="The office", contexts=[Context.FINANCE, Context.HOUSING])
    cast.bank()
    page = soup(client.get(address("consents")))
    bank, office = (row.get_text(" ", strip=True) for row in page.select("tbody th"))
    assert "The bank May speak of anything." in bank
    assert "The office May speak of: Finance, Housing." in office


def test_a_proposal_says_how_close(client, alice):
    sister = cast.alices_sister()
    propose(client, strength="0.25")
    assertContains(client.get(address("ties")), "Sibling, strength 0.25")
    client.force_login(sister.user)
    assertContains(client.get(address("ties")), "Sibling, strength 0.25")


def test_one_leaves_for_good_and_once(client, alice):
    assertContains(client.get(address("consents")), "Leave for good")
    assertContains(client.post(address("leave"), follow=True), "You have left.")
    alice.refresh_from_db()
    assert alice.has_left
    again = client.post(address("leave"), follow=True)
    assertContains(again, "has already left")
    assertNotContains(again, "Leave for good")


def test_with_leaving_consents_and_ties_end(client, alice):
    cast.consent(alice)
    tie = cast.know_each_other(alice, cast.alices_colleague())
    propose(client, other=cast.alices_sister().key)
    client.post(address("leave"))
    assert not Consent.objects.active().filter(citizen=alice).exists()
    assert not Tie.objects.filter(ended_at=None).exists()
    assert Change.objects.filter(kind=ChangeKind.TIE, subject_id=tie.pk).count() == 2, "made, and ended"
    page = client.get(address("consents"))
    assertContains(page, "Withdrawn on")
    assertNotContains(page, '<button class="primary">Give')
    client.post(address("consent", pk=cast.bank().pk))
    assert not Consent.objects.active().filter(citizen=alice).exists()
    assertNotContains(client.get(address("ties")), "Propose one")


def test_a_key_of_somebody_who_has_left_is_nobody_else_s(client, alice):
    sister = cast.alices_sister()
    cast.person(sister.key.upper(), signs_in=False)
    leave(acting_user=sister.user, citizen=sister)
    assertContains(propose(client, other=sister.key), "No member has this key", status_code=422)


def test_a_link_lets_nobody_leave(client, alice):
    assert client.get(address("leave")).status_code == 405
