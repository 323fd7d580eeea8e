"""What a citizen may type that nobody expects: refused in words at its field, kept, and nothing written."""

import pytest
from django.urls import reverse

from citizens.actions.people import leave
from citizens.models import AuditEntry, Change, Consent, Tie
from scoring.models import Contest
from tests import cast
from tests.pages import soup

pytestmark = pytest.mark.django_db

SCRIPT = "\"><script>alert('x')</script>"
NO_MEMBER = "No member has this key. Check it with them."
NUMBER = "Enter a number in plain digits, such as 12 or 0.5."
RANGE = "Enter a number from 0.01 to 1."


@pytest.fixture
def alice(client):
    alice = cast.alice()
    cast.alices_sister()
    client.force_login(alice.user)
    return alice


def address(name, **kwargs):
    return reverse(f"portal:{name}", kwargs=kwargs)


@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        ("other", "", "Enter their key."),
        ("other", "   ", "Enter their key."),
        ("other", "x" * 65, "A key has at most 64 characters."),
        ("other", "x" * 100_000, "A key has at most 64 characters."),
        ("other", "alices\0sister", "Null characters are not allowed."),
        ("other", SCRIPT, NO_MEMBER),
        ("other", "alices-sister' OR '1'='1", NO_MEMBER),
        ("other", "al%", NO_MEMBER),
        ("other", "😀", NO_MEMBER),
        ("strength", "", "Enter a number."),
        ("strength", "0", RANGE),
        ("strength", "-0", RANGE),
        ("strength", "0.009", RANGE),
        ("strength", "1.0001", RANGE),
        ("strength", "−1", RANGE),
        ("strength", "1e-1", NUMBER),
        ("strength", "nan", NUMBER),
        ("strength", "0,5", NUMBER),
        ("strength", SCRIPT, NUMBER),
        ("strength", "9" * 5_000, NUMBER),
        ("kind", "", "This field is required."),
        ("kind", SCRIPT, "Choose one of these."),
        ("kind", "Sibling", "Choose one of these."),
    ],
)
def test_a_proposal_that_nobody_expects_is_refused_at_its_field(client, alice, name, typed, reason):
    sent = {"other": "alices-sister", "kind": "sibling", "strength": "0.5"} | {name: typed}
    answer = client.post(address("ties"), sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {name: [reason]}
    page = soup(answer)
    link = page.select_one("#errors li a")
    assert link.parent.get_text(" ", strip=True).endswith(reason)
    assert page.select_one(link["href"])["name"] == name
    for box in page.select("input[name=other], input[name=strength]"):
        assert box.get("value", "").replace("\ufffd", "\0") == sent[box["name"]]
    assert page.select_one("option[selected]") is None if name == "kind" else page.select_one("option[selected]")
    assert "<script>alert" not in answer.content.decode()
    assert (Tie.objects.count(), Change.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


def test_a_proposal_with_nothing_at_all_names_every_field(client, alice):
    page = soup(client.post(address("ties")))
    assert page.select_one("#errors h2").get_text().startswith("Not done. 3 things have to be put right.")
    assert [link.get_text() for link in page.select("#errors a")] == [
        "Their key",
        "They are my",
        "How close, from 0.01 to 1",
    ]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [("Bo", "bo", "Bo"), ("bo", "BO", "bo"), ("bO", "bo", None), ("BO", "Bo", None), ("bo", "bO", "bo")],
)
def test_of_two_keys_that_differ_by_case_the_one_typed_is_meant(client, alice, one, other, found):
    for key in (one, other):
        cast.person(key, signs_in=False)
    client.post(address("ties"), {"other": found or one, "kind": "friend", "strength": "1"})
    assert Tie.objects.get().other(alice).key == (found or one)


@pytest.mark.parametrize("strength", ["0.01", ".5", "1", " 0.25 ", "+1."])
def test_a_strength_within_its_ends_is_kept_as_typed(client, alice, strength):
    client.post(address("ties"), {"other": "alices-sister", "kind": "friend", "strength": strength})
    assert Tie.objects.get().strength == float(strength)


@pytest.fixture
def behaviour(alice):
    return cast.observed(alice, cast.loan_overdue(), amount=2.5)


def object_to(client, behaviour, statement):
    return client.post(address("contest", pk=behaviour.pk), {"statement": statement})


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("", "Say what is wrong with it."),
        (" \r\n\t\u3000", "Say what is wrong with it."),
        ("x" * 2_001, "At most 2000 characters; this has 2001."),
        ("é" * 100_000, "At most 2000 characters; this has 100000."),
        ("I\0paid", "Null characters are not allowed."),
        (SCRIPT * 100, "At most 2000 characters; this has 2900."),
    ],
)
def test_an_objection_that_cannot_be_taken_is_refused_and_kept(client, behaviour, statement, reason):
    answer = object_to(client, behaviour, statement)
    page = soup(answer)
    assert (answer.status_code, page.select_one("#id_statement_error").get_text()) == (422, reason)
    box = page.select_one("textarea#id_statement")
    assert box["aria-invalid"] == "true"
    assert box.get_text().removeprefix("\n").replace("\ufffd", "\0") == statement
    assert "<script>alert" not in answer.content.decode()
    assert (Contest.objects.count(), AuditEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize("statement", ["x" * 2_000, "😀" * 2_000, ("x" * 99 + "\r\n") * 19 + "x" * 100])
def test_an_objection_as_long_as_the_box_takes_is_taken(client, behaviour, statement):
    """A browser counts a line break as one character and sends it as two."""
    assert object_to(client, behaviour, statement).status_code == 302
    assert Contest.objects.get().statement == statement.replace("\r\n", "\n")


def test_an_objection_is_shown_as_it_was_written(client, behaviour):
    object_to(client, behaviour, f"  I paid.\n{SCRIPT} %(name)s {{{{ x }}}}  ")
    answer = client.get(address("contests"))
    assert f"I paid.\n{SCRIPT} %(name)s {{{{ x }}}}" in soup(answer).get_text()
    assert "<script>alert" not in answer.content.decode()
    assert Contest.objects.get().statement == f"I paid.\n{SCRIPT} %(name)s {{{{ x }}}}"


def test_the_page_of_an_objection_shows_what_it_is_about(client, behaviour):
    facts = [part.get_text(strip=True) for part in soup(client.get(address("contest", pk=behaviour.pk))).select("dd")]
    assert (facts[0], facts[2], facts[3]) == ("Loan overdue", "2.5 times", "The bank")


@pytest.mark.parametrize("pk", [0, 2**62, 2**63, 10**30])
@pytest.mark.parametrize("name", ["contest", "consent", "tie-end", "sharing-stop"])
def test_a_number_that_nothing_has_is_not_found(client, alice, name, pk):
    assert client.post(address(name, pk=pk), {"statement": "x"}).status_code == 404


def test_a_consent_is_withdrawn_once_and_what_was_there_stays(client, alice):
    source = cast.bank()
    refused = client.post(address("consent", pk=source.pk), {"withdraw": SCRIPT}, follow=True)
    assert [message.level_tag for message in refused.context["messages"]] == ["error"]
    for receipt in ("first", "second"):
        Consent.objects.create(citizen=alice, source=source, receipt=receipt, granted_at=cast.long_ago())
        client.post(address("consent", pk=source.pk), {"withdraw": ""})
    assert Consent.objects.filter(withdrawn_at=None).count() == 0
    assert set(Consent.objects.values_list("receipt", flat=True)) == {"first", "second"}


def test_who_has_left_proposes_nothing_whatever_they_send(client, alice):
    leave(acting_user=alice.user, citizen=alice)
    answer = client.post(address("ties"), {"other": "alices-sister", "kind": "friend", "strength": "1"})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"other": ["One of the two has left."]})
    assert not Tie.objects.exists()


@pytest.mark.parametrize("page", ["2", "3", "999", "0", "-1", "x", "", "9" * 40, "%00", "1.5"])
def test_behaviours_stand_on_the_nearest_page_with_their_amounts(client, alice, page):
    for n in range(51):
        cast.observed(alice, cast.bill_paid(), amount=n, days_ago=n + 1)
    rows = soup(client.get(address("behaviours"), {"page": page})).select("tbody th")
    shown = [row.get_text(" ", strip=True) for row in rows]
    counted = page in ("2", "3", "999", "-1", "0", "9" * 40)
    assert shown == (["Bill paid on time The bank; 50 times"] if counted else shown)
    if not counted:
        assert len(shown) == 50
        assert shown[:3] == [f"Bill paid on time The bank{what}" for what in ("; 0 times", "", "; 2 times")]
