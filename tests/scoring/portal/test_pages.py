"""The citizen's pages about the score."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from citizens.actions.behaviours import retract
from citizens.actions.consent import withdraw_consent
from citizens.actions.ties import confirm_tie, end_tie, propose_tie
from citizens.enums import TieKind
from scoring.actions.contests import decide_contest
from scoring.enums import ContestStatus, RuleSetStatus
from scoring.explanation import explain
from scoring.live.worker import catch_up
from scoring.models import Contest, Movement, RuleSet
from scoring.portal import history
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


PAGES = ("score", "why", "history")


def address(name, **kwargs):
    return reverse(f"portal:{name}", kwargs=kwargs)


@pytest.fixture
def alice(client):
    """Alice at 600 on her own, her partner at 450: she is published at 540, her partner at 426."""
    cast.a_rule_set()
    alice, _ = cast.partners()
    client.force_login(alice.user)
    return alice


def points_on(page):
    """The points of all lines between base and sum, as a reader would add them up."""
    body = re.search(r"<tbody>(.*?)</tbody>", page.content.decode(), re.S)[1]
    cells = re.findall(r'<td class="num (?:plus|minus)?">\s*([^<]*?)\s*</td>', body)
    return [float(cell.replace("−", "-")) for cell in cells]


def test_the_score_with_its_band_and_what_it_is_made_of(client, alice):
    cast.rescore()
    page = client.get(address("score"))
    assertContains(page, '<div class="number" role="status">540</div>')
    assertContains(page, "Poor")
    assertContains(page, "600.0")
    assertContains(page, "−60")
    assertContains(page, "10 points")
    assertContains(page, "to Fair, which starts at 550")


def test_what_changed_since_the_last_number(client, alice):
    cast.rescore()
    assertNotContains(client.get(address("score")), "What changed")
    cast.observed(alice, cast.bill_paid(), amount=5)
    cast.rescore()
    change = client.get(address("score")).context["change"]
    assert (change["points"], change["before"]) == (50, 540)
    assert change["own"] == pytest.approx(50, abs=0.01)
    assert change["own"] + change["network"] == pytest.approx(50, abs=1)


def test_an_open_page_says_that_the_score_has_moved_and_only_then(client, alice):
    cast.rescore()
    asks = re.search(r'hx-get="([^"]*)"', client.get(address("why")).content.decode())[1]
    assert client.get(asks).status_code == 204
    engine, _ = catch_up(None)
    cast.observed(alice, cast.bill_paid(), amount=5, days_ago=0)
    engine, _ = catch_up(engine)
    assertContains(client.get(asks), "it is 590 now")
    withdraw_consent(acting_user=alice.user, citizen=alice, source=cast.bank())
    catch_up(engine)
    assertContains(client.get(asks), "you have none any more")


def test_a_change_of_the_rules_is_nobody_s_doing(client, alice):
    cast.rescore()
    cast.observed(alice, cast.bill_paid(), amount=5)
    cast.rescore()
    for name in ("score", "history"):
        assertNotContains(client.get(address(name)), "rules")
    cast.move(RuleSet.objects.published().get(), RuleSetStatus.RETIRED)
    cast.a_rule_set(drag=0.2)
    cast.rescore()
    assertContains(client.get(address("score")), "The rules have changed since: version 2, Small,")
    assertContains(client.get(address("history")), "by new rules, version 2", count=1)
    cast.observed(alice, cast.bill_paid(), amount=1)
    cast.rescore()
    assertNotContains(client.get(address("score")), "The rules have changed")


def test_the_mark_on_the_scale_stands_where_the_score_is(client, alice):
    cast.rescore()
    scale = client.get(address("score")).context["scale"]
    assert scale["mark"] == pytest.approx(100 * (540 - 350) / 600, abs=0.01)
    assert [part["lower"] for part in scale["parts"]] == [lower for _, lower in cast.BANDS]
    assert [part["name"] for part in scale["parts"] if part["mine"]] == ["Poor"]


def test_the_lines_on_the_page_add_up_to_the_score(client, alice):
    cast.observed(alice, cast.bill_paid(), amount=30)
    cast.rescore()
    page = client.get(address("why"))
    assert len(points_on(page)) == 4, "base, the rule, its limit, the network"
    assert sum(points_on(page)) == explain(alice).score.published


def test_a_single_tie_is_never_split(client, alice):
    cast.rescore()
    page = client.get(address("why"))
    assertContains(page, "more would tell somebody else")
    assertNotContains(page, ">Drag")


def test_the_network_effect_says_when_it_is_at_its_limit(client, alice):
    cast.rescore()
    limit = "At its limit: by rule set version 1, ties take at most 60."
    for name in ("score", "why"):
        assertContains(client.get(address(name)), limit)
    client.force_login(cast.alices_colleague().user)
    assertNotContains(client.get(address("score")), "At its limit")


def test_a_tie_that_came_after_the_run_is_in_the_explanation_too(alice):
    cast.rescore()
    engine, _ = catch_up(None)
    sister = cast.alices_sister()
    cast.observed(sister, cast.bill_paid())
    tie = propose_tie(acting_user=alice.user, proposer=alice, other=sister, kind=TieKind.SIBLING)
    confirm_tie(acting_user=sister.user, tie=tie)
    assert explain(alice, exact=True).network.ties == 1, "the engine has not taken it into account"
    engine, _ = catch_up(engine)
    assert explain(alice, exact=True).network.ties == 2
    end_tie(acting_user=alice.user, tie=tie)
    catch_up(engine)
    assert explain(alice, exact=True).network.ties == 1


def test_what_moves_behind_a_limit_moves_in_the_explanation(alice):
    """Alice is as low as ties can take her; one low scorer more takes nothing from her, and yet drags."""
    cast.others_count_at_once()
    cast.rescore()
    other = cast.alices_sister()
    cast.observed(other, cast.loan_overdue(), amount=4)
    engine, _ = catch_up(None)
    before = explain(alice).score
    cast.know_each_other(alice, other, TieKind.SIBLING)
    catch_up(engine)
    after = explain(alice)
    assert (before.network, after.score.network) == (-60, -60)
    assert after.score.drag < before.drag - 5
    assert after.total == pytest.approx(after.score.value, abs=1e-6)


def test_a_kind_is_not_shown_when_the_rest_would_be_a_few(client, alice):
    """Five friends and one partner: total less friends would be the partner's own contribution."""
    for n in range(5):
        friend = cast.person(f"friend-{n}", signs_in=False)
        cast.observed(friend, cast.loan_overdue())
        cast.know_each_other(alice, friend)
    cast.rescore()
    network = explain(alice).network
    assert not network.is_split, "nobody lifts, and that too would say something of each of them"
    assert network.by_role == ()


def test_five_ties_of_four_people_are_not_split(client, alice):
    """Alice's partner and three friends, one of whom is a neighbour as well."""
    for n in range(3):
        friend = cast.person(f"friend-{n}", signs_in=False)
        cast.observed(friend, cast.loan_overdue())
        cast.know_each_other(alice, friend)
    cast.know_each_other(alice, friend, TieKind.NEIGHBOUR)
    cast.rescore()
    assert explain(alice, exact=True).network.ties == 4, "of two ties to one person, the stronger counts alone"
    assert not explain(alice).network.is_split


def test_who_tells_nothing_hides_nobody(client, alice):
    """Nine people in the middle beside the one who drags: the drag would be hers alone."""
    for n in range(9):
        friend = cast.person(f"friend-{n}", signs_in=False)
        cast.observed(friend, cast.bill_paid(), amount=2)
        cast.know_each_other(alice, friend)
    cast.rescore()
    assert explain(alice, exact=True).network.ties >= 9
    network = explain(alice).network
    assert not network.is_split
    assert network.by_role == ()


@pytest.mark.parametrize("name", PAGES)
def test_the_unscored_are_told_why(client, alice, name):
    page = client.get(address(name))
    assert page.status_code == 200
    assertContains(page, "scored" if name == "history" else "You have no score")


def test_without_consent_one_is_told_what_to_do(client, alice):
    client.post(address("consent", pk=cast.bank().pk), {"withdraw": "1"})
    cast.rescore()
    page = client.get(address("score"))
    assertContains(page, "No source has consent")
    assertContains(page, address("consents"))


def test_history_is_a_chart_with_a_table(client, alice):
    cast.rescore()
    assertNotContains(client.get(address("history")), "<figure")
    cast.observed(alice, cast.bill_paid(), amount=5)
    cast.rescore()
    page = client.get(address("history"))
    assertContains(page, "From 540 to 590, lowest 540, highest 590.")
    assert [row.published for row, _ in page.context["rows"]] == [590, 540]


def test_history_says_when_one_was_no_longer_scored(client, alice):
    cast.rescore()
    client.post(address("consent", pk=cast.bank().pk), {"withdraw": "1"})
    cast.rescore()
    assertContains(client.get(address("history")), "no longer scored")
    assertNotContains(client.get(address("score")), "What changed")


def test_the_line_of_the_chart_ends_where_the_score_does():
    begin, day = timezone.now(), dt.timedelta(days=1)
    numbers = [600, 610, None, 580, 590]
    rows = [Movement(as_of=begin + n * day, published=number) for n, number in enumerate(numbers)]
    line = re.search(r'mark-line.*?<path[^>]* d="([^"]*)"', history._chart(rows))[1]
    assert line.count("M") == 2


def test_pages_are_one_s_own(client, alice):
    cast.rescore()
    client.force_login(cast.alices_colleague().user)
    assertContains(client.get(address("score")), '<div class="number" role="status">426</div>')


def test_an_open_page_gets_what_is_new_and_nothing_else(client, alice):
    cast.rescore()
    engine, _ = catch_up(None)
    page = client.get(address("score"))
    asks = {"shown": page.context["shown"]}
    htmx = {"HX-Request": "true"}
    assert client.get(address("score"), asks, headers=htmx).status_code == 204
    cast.observed(alice, cast.bill_paid(), amount=5, days_ago=0)
    catch_up(engine)
    news = client.get(address("score"), asks, headers=htmx)
    assertContains(news, '<div class="number" role="status">590</div>')
    assertContains(news, "with what came until")
    assertNotContains(news, "<html")
    assert client.get(address("score"), {"shown": news.context["shown"]}, headers=htmx).status_code == 204


def test_who_moved_only_through_others_is_told_until_when(client, alice):
    cast.others_count_at_once()
    cast.rescore()
    engine, _ = catch_up(None)
    cast.observed(alice, cast.bill_paid(), amount=5, days_ago=0)
    catch_up(engine)
    client.force_login(cast.alices_colleague().user)
    assertContains(client.get(address("score")), "with what came until")


@pytest.mark.parametrize("name", PAGES)
def test_queries_do_not_grow_with_the_data(client, alice, name, django_assert_num_queries):
    cast.rescore()
    client.get(address(name))
    with CaptureQueriesContext(connection) as few:
        client.get(address(name))
    for n in range(6):
        friend = cast.person(f"friend-{n}", signs_in=False)
        cast.observed(friend, cast.bill_paid())
        cast.know_each_other(alice, friend)
        cast.observed(alice, cast.loan_overdue(), amount=0.1)
    cast.rescore()
    with django_assert_num_queries(len(few)):
        client.get(address(name))


def test_an_objection_from_button_to_decision(client, alice):
    behaviour = cast.observed(alice, cast.loan_overdue())
    assertContains(client.get(address("behaviours")), address("contest", pk=behaviour.pk))
    assertRedirects(client.post(address("contest", pk=behaviour.pk), {"statement": "I paid."}), address("contests"))
    contest = Contest.objects.get()
    assertContains(client.get(address("contests")), "It waits for a decision.")
    decide_contest(acting_user=cast.clerk(), contest=contest, uphold=True, reason="The bank agrees.")
    assertContains(client.get(address("contests")), "The bank agrees.")
    assertContains(client.get(address("behaviours")), "Retracted")
    page = client.get(address("contest", pk=behaviour.pk))
    assertContains(page, f"{address('contests')}#contest-{contest.pk}")
    assertNotContains(page, "<textarea")


def test_what_does_not_count_cannot_be_objected_to_and_says_why(client, alice):
    behaviour = cast.observed(alice, cast.loan_overdue())
    assertContains(client.get(address("contest", pk=behaviour.pk)), "<textarea")
    retract(acting_user=cast.clerk(), behaviour=behaviour, reason="A mistake.")
    page = client.get(address("contest", pk=behaviour.pk))
    assertContains(page, "This was retracted on")
    assertNotContains(page, "<textarea")
    paid = cast.observed(alice, cast.bill_paid())
    withdraw_consent(acting_user=alice.user, citizen=alice, source=cast.bank())
    page = client.get(address("contest", pk=paid.pk))
    assertContains(page, "has no consent of yours")
    assertNotContains(page, "<textarea")


@pytest.mark.parametrize(("statement", "reason"), [("  ", "Say what is wrong with it."), ("x" * 2001, "At most 2000")])
def test_a_refused_objection_keeps_what_was_written(client, alice, statement, reason):
    behaviour = cast.observed(alice, cast.loan_overdue())
    page = client.post(address("contest", pk=behaviour.pk), {"statement": statement})
    assertContains(page, reason, status_code=422)
    assert page.context["form"]["statement"].value() == statement
    assert not Contest.objects.exists()


def test_nobody_objects_to_what_is_said_of_others(client, alice):
    theirs = cast.observed(cast.stranger(), cast.loan_overdue())
    assert client.get(address("contest", pk=theirs.pk)).status_code == 404
    assert client.post(address("contest", pk=theirs.pk), {"statement": "Wrong."}).status_code == 404


def test_an_open_objection_is_not_opened_twice(client, alice):
    behaviour = cast.observed(alice, cast.loan_overdue())
    client.post(address("contest", pk=behaviour.pk), {"statement": "I paid."})
    page = client.post(address("contest", pk=behaviour.pk), {"statement": "Really."})
    assertContains(page, "You have objected to this already; it waits for a decision.", status_code=422)
    assert Contest.objects.filter(status=ContestStatus.OPEN).count() == 1
