"""The console's first page, runs, the preview page and contests."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.enums import TieKind
from citizens.models import AuditEntry
from perks.models import Perk, Restriction
from scoring.actions import rule_sets as actions
from scoring.enums import ContestStatus, RunFailure, RunPhase, RunStatus, RunTrigger
from scoring.live.worker import catch_up
from scoring.models import Contest, RuleSet, Run
from scoring.rules.terms import terms_of
from tests import cast
from tests.pages import facts, soup, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    client.force_login(cast.clerk())
    return client


@pytest.fixture
def in_force():
    return cast.a_rule_set(author=cast.second_clerk())


def a_run(rule_set, **fields):
    return Run.objects.create(rule_set=rule_set, trigger=RunTrigger.CONSOLE, as_of=timezone.now(), **fields)


def a_contest(statement="It was not me."):
    behaviour = cast.observed(cast.alice(), cast.loan_overdue())
    return Contest.objects.create(citizen=cast.alice(), behaviour=behaviour, statement=statement)


def test_home_shows_what_is_in_force_and_what_waits(signed_in, in_force):
    draft = actions.draft_from(acting_user=cast.second_clerk(), rule_set=in_force, name="Kinder")
    actions.submit_rule_set(acting_user=cast.second_clerk(), rule_set=draft)
    a_contest()

    page = text(signed_in.get(reverse("console:home")))

    for words in ("Version 1, Small", "Nobody has been scored yet", "Version 2, Kinder", "Alice: Loan overdue"):
        assert words in page


@pytest.mark.django_db(transaction=True)
def test_home_counts_citizens_per_band(signed_in, in_force):
    cast.observed(cast.alice(), cast.bill_paid(), amount=10)
    cast.observed(cast.stranger(), cast.loan_overdue(), amount=2)
    cast.rescore()

    response = signed_in.get(reverse("console:home"))

    rows = {row.th.get_text(): row.select("td")[1].get_text() for row in soup(response).select("tbody tr")}
    assert rows == {"Poor": "1", "Fair": "0", "Good": "0", "Excellent": "0", "Superb": "1"}
    assert "2 citizens scored" in text(response)
    assert soup(response).select_one("figure svg[role=img] title").get_text() == "Citizens per band"


@pytest.mark.django_db(transaction=True)
def test_home_counts_those_scored_since_the_run_too(signed_in, in_force):
    cast.observed(cast.alice(), cast.bill_paid())
    cast.rescore()
    assert "1 citizen scored" in text(signed_in.get(reverse("console:home")))

    engine, _ = catch_up(None)
    for newcomer in (cast.alices_sister(), cast.stranger()):
        cast.observed(newcomer, cast.bill_paid(), days_ago=0)
    cast.alices_colleague()
    catch_up(engine)

    page = text(signed_in.get(reverse("console:home")))
    assert "3 citizens scored" in page
    assert "1 unscored" in page


def test_starting_a_run_leads_to_its_page(signed_in, in_force):
    response = signed_in.post(reverse("console:run-start"))
    run = Run.objects.get()
    assert (run.trigger, run.requested_by, run.rule_set) == (RunTrigger.CONSOLE, cast.clerk(), in_force)
    assert response["Location"] == reverse("console:run", args=[run.pk])


def test_a_second_run_is_refused_with_the_reason(signed_in, in_force):
    signed_in.post(reverse("console:run-start"))
    assert "is under way" in text(signed_in.post(reverse("console:run-start"), follow=True))
    assert Run.objects.count() == 1


def test_without_a_rule_set_a_run_is_refused(signed_in):
    assert "No rule set is published" in text(signed_in.post(reverse("console:run-start"), follow=True))


def test_a_run_does_not_start_by_a_get(signed_in, in_force):
    assert signed_in.get(reverse("console:run-start")).status_code == 405
    assert not Run.objects.exists()


def test_the_fragment_is_the_moving_part_of_the_page(signed_in, in_force):
    run = a_run(in_force, phase=RunPhase.SOLVE, progress=0.6, seconds={"snapshot": 1.25})
    address = reverse("console:run", args=[run.pk])
    page = soup(signed_in.get(address))

    fragment = signed_in.get(address, headers={"HX-Request": "true"})

    assert not soup(fragment).find("h1")
    assert "HX-Request" in fragment["Vary"]
    assert soup(fragment).find(id="run").prettify() == page.find(id="run").prettify()
    assert page.find(id="run")["hx-get"] == address
    states = {row.th.get_text(): [cell.get_text() for cell in row.select("td")] for row in page.select("tbody tr")}
    assert states["Reading the population"] == ["done", "1.25"]
    assert states["Network effect"] == ["under way", "—"]
    assert states["Publishing"] == ["to come", "—"]
    assert page.find("progress")["value"] == "0.600"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {
                "status": RunStatus.FAILED,
                "failure": RunFailure.BROKE_OFF,
                "failure_detail": "The worker stopped.",
                "phase": RunPhase.FOLD,
            },
            "The worker stopped.",
        ),
        ({"status": RunStatus.PUBLISHED, "error_bound": 0.000123, "phase": RunPhase.DONE}, "0.000123 points"),
    ],
)
def test_a_run_that_has_ended_is_not_polled(signed_in, in_force, fields, words):
    run = a_run(in_force, **fields)
    response = signed_in.get(reverse("console:run", args=[run.pk]))
    assert words in text(response)
    assert not soup(response).find(id="run").has_attr("hx-get")


def test_the_list_of_runs_tells_why_one_failed(signed_in, in_force):
    a_run(in_force, status=RunStatus.FAILED, failure=RunFailure.BROKE_OFF, failure_detail="Out of memory.")
    assert "Failed: Out of memory." in text(signed_in.get(reverse("console:runs")))


def test_queries_of_the_list_do_not_grow_with_runs(signed_in, in_force):
    def reads():
        signed_in.get(reverse("console:runs"))
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(reverse("console:runs"))
        return sum(query["sql"].startswith("SELECT") for query in queries)

    a_run(in_force, status=RunStatus.FAILED, failure=RunFailure.STOPPED, requested_by=cast.clerk())
    # session, user, the user's citizen, any synthetic one; how many runs, those on this page with rule set and
    # account, one under way, the published set, when others count
    assert reads() == 10
    for _ in range(4):
        a_run(in_force, status=RunStatus.FAILED, failure=RunFailure.STOPPED, requested_by=cast.clerk())
    assert reads() == 10


@pytest.mark.django_db(transaction=True)
def test_the_preview_page_counts_whom_a_draft_hits(signed_in, in_force):
    """Alice is good on her own; her colleague is poor and takes her a band down. Fallen, she drags him a little."""
    alice, colleague = cast.alice(), cast.alices_colleague()
    cast.observed(alice, cast.bill_paid(), amount=1)
    cast.observed(colleague, cast.loan_overdue(), amount=4)
    cast.know_each_other(alice, colleague, TieKind.COLLEAGUE)
    Perk.objects.create(key="bike", name="Bicycle", opens_at=560)
    Restriction.objects.create(key="flight", name="No flights", closes_below=450)
    quiet = cast.a_rule_set(publish=False, author=cast.clerk(), drag=0.0, lift=0.0)
    actions.submit_rule_set(acting_user=cast.clerk(), rule_set=quiet)
    actions.publish_rule_set(acting_user=cast.second_clerk(), rule_set=quiet, previewed=cast.previewed(quiet))
    draft = cast.a_rule_set(publish=False, author=cast.clerk(), drag=0.5, lift=0.0)
    before = terms_of(draft)

    response = signed_in.get(reverse("console:preview", args=[draft.version]))

    found = facts(response)
    assert found["Rise"] == "0 citizens"
    assert found["Fall"] == "2 citizens"
    assert found["Lose a band"] == "1 citizen"
    assert found["Lose a band only because of people they know"].startswith("1 citizen ")
    assert "Perk: Bicycle 1 0 0 1" in text(response)
    assert soup(response).select_one("figure svg[role=img]")
    assert terms_of(RuleSet.objects.get(pk=draft.pk)) == before
    assert not Run.objects.exists()


def test_a_preview_of_the_published_set_says_there_is_nothing_to_compare(signed_in, in_force):
    assert "nothing to compare" in text(signed_in.get(reverse("console:preview", args=[1])))


def test_a_preview_of_a_broken_draft_names_the_problem(signed_in, in_force):
    draft = actions.draft_from(acting_user=cast.clerk(), rule_set=in_force, name="Gap")
    draft.bands.filter(lower=350).delete()
    assert "leave a gap" in text(signed_in.get(reverse("console:preview", args=[2])))


def test_contests_wait_in_the_order_they_came(signed_in):
    contest = a_contest()
    later = Contest.objects.create(
        citizen=cast.stranger(),
        behaviour=cast.observed(cast.stranger(), cast.loan_overdue()),
        statement="Nor me.",
        opened_at=timezone.now() + dt.timedelta(seconds=5),
    )
    names = [row.th.get_text(strip=True) for row in soup(signed_in.get(reverse("console:contests"))).select("tbody tr")]
    assert names == [str(contest.citizen), str(later.citizen)]


@pytest.mark.parametrize(("decision", "status"), [("uphold", ContestStatus.UPHELD), ("reject", ContestStatus.REJECTED)])
def test_a_contest_is_decided_with_a_reason(signed_in, decision, status):
    contest = a_contest("The loan was my neighbour's.")
    address = reverse("console:contest", args=[contest.pk])
    assert "The loan was my neighbour's." in text(signed_in.get(address))

    refused = signed_in.post(address, {"decision": decision, "reason": ""})
    assert (refused.status_code, "Give a reason" in text(refused)) == (422, True)
    signed_in.post(address, {"decision": decision, "reason": "The bank confirmed it."})

    contest.refresh_from_db()
    assert (contest.status, contest.decided_by, contest.reason) == (status, cast.clerk(), "The bank confirmed it.")
    contest.behaviour.refresh_from_db()
    assert contest.behaviour.is_retracted == (decision == "uphold")


@pytest.mark.parametrize(("more", "status"), [("", 302), ("x", 422)])
def test_a_reason_is_as_long_as_its_box_takes_however_its_lines_end(signed_in, more, status):
    contest, reason = a_contest(), ("x" * 99 + "\r\n") * 19 + "x" * 100 + more
    address = reverse("console:contest", args=[contest.pk])
    assert soup(signed_in.get(address)).find("textarea", attrs={"name": "reason"})["maxlength"] == "2000"
    answer = signed_in.post(address, {"decision": "reject", "reason": reason})
    assert answer.status_code == status
    contest.refresh_from_db()
    assert contest.reason == ("" if more else reason.replace("\r\n", "\n"))
    assert not more or answer.context["form"].errors == {"reason": ["At most 2000 characters; this has 2001."]}


def test_who_judges_sees_whose_it_is_and_what_it_is_worth(signed_in, in_force):
    contest = a_contest()
    address = reverse("console:contest", args=[contest.pk])
    assert "Worth, before limits" not in facts(signed_in.get(address))
    cast.rescore()
    page = signed_in.get(address)
    assert facts(page)["Worth, before limits"].split() == ["−50.00", "points"]
    assert "Alice , key alice" in text(page)
    assert soup(page).find("a", href=reverse("console:citizen", args=[contest.citizen_id]))


@pytest.mark.django_db(transaction=True)
def test_staff_see_the_lines_that_the_citizen_sees(signed_in, in_force):
    alice, address = cast.alice(), reverse("console:explanation", args=[cast.alice().pk])
    cast.observed(alice, cast.loan_overdue())
    signed_in.post(address, {"reason": "She asked."})
    assert "There is no score" in text(signed_in.get(address))
    cast.rescore()
    page = signed_in.get(address)
    assert page.context["explanation"].total == pytest.approx(550, abs=1e-6)
    assert "Loan overdue" in text(page)
    assert "550.00" in text(page)
    signed_in.force_login(alice.user)
    assert signed_in.get(address).status_code == 403


def test_what_a_citizen_writes_is_text_and_nothing_else(signed_in):
    contest = a_contest("<script>alert(1)</script>")
    response = signed_in.get(reverse("console:contest", args=[contest.pk]))
    assert b"<script>alert" not in response.content


def test_a_threshold_moves_with_a_trace(signed_in):
    perk = Perk.objects.create(key="bike", name="Bicycle", opens_at=600)
    address = reverse("console:perk-edit", args=["perk", "bike"])

    seen = soup(signed_in.get(address)).find("input", attrs={"name": "seen"})["value"]
    refused = signed_in.post(address, {"threshold": "951", "is_active": "on", "seen": seen})
    assert "Scores end at 950" in text(refused)
    assert soup(refused).find("input", attrs={"name": "seen"})["value"] == seen
    assert "stays as it is until another" in text(
        signed_in.post(address, {"threshold": "620", "is_active": "on", "seen": seen}, follow=True)
    )

    perk.refresh_from_db()
    assert perk.opens_at == 600
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.old["threshold"], entry.new["threshold"]) == (
        cast.clerk(), 600, 620,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_whom_a_threshold_hits_is_seen_before_it_moves(signed_in, in_force):
    perk = Perk.objects.create(key="bike", name="Bicycle", opens_at=500)
    for citizen, overdue in ((cast.alice(), 0.001), (cast.stranger(), 2), (cast.alices_sister(), 3)):
        cast.observed(citizen, cast.loan_overdue(), amount=overdue)
    cast.rescore()
    address = reverse("console:perk-edit", args=["perk", "bike"])
    page = signed_in.get(address)
    assert "Open to 2 of 3 scored citizens now" in text(page)
    assert soup(signed_in.get(reverse("console:perks"))).select("td.num")[1].get_text() == "2"

    typed = {"is_active": "on", "seen": soup(page).find("input", attrs={"name": "seen"})["value"], "then": "look"}
    more, fewer = "to 3. That is 1 more than now", "to 1. That is 1 fewer than now"
    for threshold, words in ((450, more), (600, fewer), (490, "as many as now")):
        looked = signed_in.post(address, typed | {"threshold": threshold})
        assert words in text(looked)
        assert soup(looked).find("input", attrs={"name": "threshold"})["value"] == str(threshold)
    assert "Scores end at 950" in text(signed_in.post(address, typed | {"threshold": 951}))
    perk.refresh_from_db()
    assert perk.opens_at == 500


def test_a_threshold_form_that_is_behind_overwrites_nothing(signed_in):
    perk = Perk.objects.create(key="bike", name="Bicycle", opens_at=600)
    address = reverse("console:perk-edit", args=["perk", "bike"])
    seen = soup(signed_in.get(address)).find("input", attrs={"name": "seen"})["value"]
    cast.set_by_two(perk, 700, is_active=False)

    refused = signed_in.post(address, {"threshold": "620", "is_active": "on", "seen": seen})

    perk.refresh_from_db()
    assert (perk.opens_at, perk.is_active) == (700, False)
    assert refused.status_code == 422
    assert "it is at 700 and switched off now" in text(refused)
    assert soup(refused).find("input", attrs={"name": "threshold"})["value"] == "620", "what was typed is kept"

    again = soup(refused).find("input", attrs={"name": "seen"})["value"]
    saved = signed_in.post(address, {"threshold": "620", "is_active": "on", "seen": again})
    assert saved.status_code == 302, "who has read what is there now may replace it"


@pytest.mark.parametrize("seen", ["", "{"])
def test_a_threshold_form_without_what_it_showed_is_refused(signed_in, seen):
    perk = Perk.objects.create(key="bike", name="Bicycle", opens_at=600)
    address = reverse("console:perk-edit", args=["perk", "bike"])
    assert "arrived incomplete" in text(signed_in.post(address, {"threshold": "620", "seen": seen}))
    perk.refresh_from_db()
    assert perk.opens_at == 600


@pytest.mark.parametrize("address", ["/console/perks/", "/console/perks/perk/bike/"])
def test_perks_are_for_staff_only(client, address):
    assert client.get(address).status_code == 302
    client.force_login(cast.alice().user)
    assert client.get(address).status_code == 403


def test_there_are_perks_and_restrictions_only(signed_in):
    assert signed_in.get("/console/perks/reward/bike/").status_code == 404
    assert signed_in.get("/console/perks/perk/none/").status_code == 404
