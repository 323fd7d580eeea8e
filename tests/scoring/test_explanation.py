"""Explanations: lines that add up, one wording wherever they are shown, and codes beside the words."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from citizens.actions.people import leave
from scoring.explanation import Line, LineKind, UnscoredReason, explain
from scoring.explanation.wording import LABELS, NOTES, UNSCORED, line_label, line_note, unscored_words
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

# One of them asks what the citizen's consents cover.
QUERIES_OF_AN_EXPLANATION = 12
RULE_FACTS = {
    "name": "Volunteering",
    "events": 2,
    "amount": 1234.5,
    "unit": "hour",
    "rule_points": -0.5,
    "half_life_days": 365.0,
    "expiry_days": 1.0,
}


@pytest.fixture
def alice(client):
    """Alice, whose bills reach the limit of their rule, and her partner, who drags her."""
    cast.a_rule_set()
    alice, _ = cast.partners(bills=30)
    cast.rescore()
    client.force_login(alice.user)
    return alice


def test_page_call_and_command_show_the_same_words_and_codes(client, alice):
    answer = client.get("/api/v1/me/explanation/").json()
    assert [line["kind"] for line in answer["lines"]] == ["base", "rule", "rule_limit", "network"]
    said, printed = io.StringIO(), io.StringIO()
    call_command("explain", alice.key, "--json", stdout=said)
    exact = json.loads(said.getvalue())["lines"]
    assert exact[:3] == answer["lines"][:3]
    assert [line["kind"] for line in exact[3:]] == ["drag", "lift"], "whoever has a shell sees everything"
    call_command("explain", alice.key, stdout=printed)
    page = client.get(reverse("portal:why")).content.decode()
    for line in answer["lines"]:
        assert f'{escape(line["label"])} <span class="hint">{escape(line["note"])}</span>' in page
    for line in exact:
        assert line["label"] in printed.getvalue()
        assert line["note"] in printed.getvalue()


def test_a_line_carries_what_its_words_are_made_of(client, alice):
    _, rule, limit, network = client.get("/api/v1/me/explanation/").json()["lines"]
    bill = cast.bill_paid()
    assert (rule["subject"], rule["label"], limit["subject"]) == (bill.key, bill.name, bill.key)
    assert (rule["facts"]["events"], rule["facts"]["unit"]) == (1, bill.unit)
    assert rule["points"] + limit["points"] == pytest.approx(limit["facts"]["most"])
    assert (network["subject"], "ties" in network["facts"], network["facts"]["at_limit"]) == ("", False, False)


def test_the_note_of_a_rule_in_whole_sentences():
    assert line_note(Line(LineKind.RULE, -1, "volunteering", RULE_FACTS)) == (
        "Reported 2 times. It fades by half in 365 days, which leaves 1,234.5 hours, at −0.5 points per hour. "
        "Forgotten after 1 day."
    )
    steady = RULE_FACTS | {"events": 1, "amount": 1.0, "half_life_days": None, "expiry_days": None}
    assert line_note(Line(LineKind.RULE, -1, "volunteering", steady)) == (
        "Reported once. It does not fade: 1 hour, at −0.5 points per hour."
    )


def test_names_are_data_and_never_patterns():
    strange = Line(LineKind.RULE_LIMIT, -1, "odd", {"name": "100 %(most)s <b>", "most": 40.0})
    assert line_label(strange) == "Limit of “100 %(most)s <b>”"
    assert line_note(strange) == "“100 %(most)s <b>” gives or takes at most 40."


def test_every_kind_and_every_reason_has_words():
    assert set(LABELS) == set(NOTES) == set(LineKind)
    assert set(UNSCORED) | {UnscoredReason.TOO_LITTLE_KNOWN} == set(UnscoredReason)


def test_the_unscored_get_a_code_and_the_words(client, alice):
    newcomer = cast.person("newcomer")
    client.force_login(newcomer.user)
    answer = client.get("/api/v1/me/explanation/").json()
    explanation = explain(newcomer)
    assert answer["unscored_code"] == explanation.unscored
    assert answer["unscored_reason"] == unscored_words(explanation) != ""
    assert (answer["lines"], answer["score"]) == ([], None)


def test_the_scored_have_no_reason_to_be_unscored(client, alice):
    answer = client.get("/api/v1/me/explanation/").json()
    assert (answer["unscored_code"], answer["unscored_reason"]) == ("", "")


def test_whoever_left_is_told_so(alice):
    leave(acting_user=alice.user, citizen=alice)
    cast.rescore()
    alice.refresh_from_db()
    assert explain(alice).unscored == UnscoredReason.LEFT


def test_the_page_names_its_citizen_for_the_printer_once(client, alice):
    page = client.get(reverse("portal:why")).content.decode()
    assert page.count('class="on-paper"') == 1
    assert f"The score of {alice.name} (key {alice.key}) as of" in page
    assert "<tfoot" not in page, "browsers repeat it at the foot of every printed page"


@pytest.mark.parametrize("friends", [0, 12])
def test_queries_do_not_grow_with_the_citizen(alice, friends):
    for n in range(friends):
        friend = cast.person(f"friend-{n}", signs_in=False)
        cast.observed(friend, cast.loan_overdue())
        cast.know_each_other(alice, friend)
    cast.rescore()
    with CaptureQueriesContext(connection) as queries:
        explain(alice)
    assert len(queries) <= QUERIES_OF_AN_EXPLANATION
