"""What the overview, the lists and the page of a run show, against counting by hand; pages that are none."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from scoring.actions.contests import decide_contest
from scoring.enums import RunFailure, RunPhase, RunStatus, RunTrigger
from scoring.models import Contest, RuleSet, Run
from scoring.models.movements import MovementCount
from tests import cast
from tests.pages import facts, soup, text

pytestmark = pytest.mark.django_db
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def signed_in(client):
    client.force_login(cast.clerk())
    return client


@pytest.fixture
def in_force():
    return cast.a_rule_set(author=cast.second_clerk())


def page_of(client, name, *arguments, **query):
    response = client.get(reverse(f"console:{name}", args=arguments), query)
    assert response.status_code == 200
    return soup(response)


def rows(page, label=""):
    """The cells of each row of the table of this name, its head first."""
    lines = page.select((f".table-wrap[aria-label^='{label}']" if label else ".table-wrap") + " tbody tr")
    return [[" ".join(cell.get_text(" ", strip=True).split()) for cell in line.select("th, td")] for line in lines]


def a_run(rule_set, **fields):
    given = {"trigger": RunTrigger.COMMAND, "as_of": timezone.now(), **fields}
    return Run.objects.create(rule_set=rule_set, **given)


def in_force_since(rule_set, **fields):
    return a_run(rule_set, status=RunStatus.PUBLISHED, is_current=True, phase=RunPhase.DONE, **fields)


def test_the_overview_counts_what_a_run_moved(signed_in, in_force):
    run = in_force_since(in_force)
    poor, fair, good, _, superb = in_force.bands.order_by("lower")
    for before, after, movements, up, down in (
        (None, good, 1200, 0, 0),
        (None, poor, 3, 0, 0),
        (good, None, 40, 0, 0),
        (good, good, 1000, 600, 400),
        (poor, superb, 7, 7, 0),
        (superb, fair, 2, 0, 2),
        (good, poor, 60, 0, 60),
    ):
        MovementCount.objects.create(
            run=run, band_before=before, band=after, movements=movements, up=up, down=down
        )  # fmt: skip

    page = page_of(signed_in, "home")

    cards = {
        card.get_text("|", strip=True).split("|")[1]: card.span.get_text()
        for card in page.select("p.card")
        if card.span
    }
    assert cards == {
        "scores went up": "▲ 607",
        "scores went down": "▼ 462",
        "citizens are newly scored": "1,203",
        "citizens are no longer scored": "40",
    }
    assert rows(page, "Citizens who changed band") == [
        ["Poor", "63", "7", "+56"],
        ["Fair", "2", "0", "+2"],
        ["Good", "1,200", "100", "+1,100"],
        ["Excellent", "0", "0", "0"],
        ["Superb", "7", "2", "+5"],
    ]


def test_more_who_left_a_band_than_came_stand_with_a_minus(signed_in, in_force):
    run = in_force_since(in_force)
    poor, fair, *_ = in_force.bands.order_by("lower")
    MovementCount.objects.create(run=run, band_before=fair, band=poor, movements=1234, up=0, down=1234)
    changes = {name: change for name, _, _, change in rows(page_of(signed_in, "home"), "Citizens who changed band")}
    assert (changes["Poor"], changes["Fair"]) == ("+1,234", f"{MINUS}1,234")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (
            [350, 549, 550, 599, 600, 649, 650, 699, 700, 950],
            {"Poor": 2, "Fair": 2, "Good": 2, "Excellent": 2, "Superb": 2},
        ),
        ([549, 600, 600], {"Poor": 1, "Good": 2}),
        ([], {}),
    ],
)
def test_bands_hold_both_their_edges_and_shares_are_of_the_scored(signed_in, in_force, numbers, expected):
    """A score table without a run's own work, so that every edge is one that was chosen."""
    run = in_force_since(in_force)
    give_scores(run, numbers)
    cast.stranger()

    page = page_of(signed_in, "home")

    edges = {"Poor": (350, 549), "Fair": (550, 599), "Good": (600, 649), "Excellent": (650, 699), "Superb": (700, 950)}
    assert rows(page, "Citizens per band") == [
        [
            name,
            f"{low} to {high}",
            str(expected.get(name, 0)),
            f"{expected.get(name, 0) * 100 / (len(numbers) or 1):.0f} %",
        ]
        for name, (low, high) in edges.items()
    ]
    assert f"{len(numbers)} citizens scored" in text(page)
    assert "; 1 unscored." in text(page)
    assert bool(page.select("figure svg")) == bool(numbers)


def give_scores(run, numbers):
    """Rows of a run, in a table of their own as a run's are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE scores_by_hand PARTITION OF scoring_score FOR VALUES IN ({run.pk})")
        for number, published in enumerate(numbers):
            citizen = cast.person(f"scored-{number}", signs_in=False)
            cursor.execute(
                "INSERT INTO scoring_score (run_id, citizen_id, own, drag, lift, network, value, published) "
                "VALUES (%s, %s, %s, 0, 0, 0, %s, %s)",
                [run.pk, citizen.pk, published, published, published],
            )


def test_the_overview_says_when_the_scores_follow_an_older_version(signed_in, in_force):
    in_force_since(in_force, error_bound=0.00045678)
    assert "These scores follow version" not in text(page_of(signed_in, "home"))
    cast.move(in_force, "retired")
    cast.a_rule_set(author=cast.second_clerk())
    page = text(page_of(signed_in, "home"))
    assert "These scores follow version 1. Version 2 was published since: start a run to apply it." in page
    assert "Certified to within 0.000457 points." in page


def test_the_overview_shows_five_contests_and_counts_them_all(signed_in):
    for number in range(7):
        a_contest(number)
    page = page_of(signed_in, "home")
    section = page.find(id="open-contests").find_parent("section")
    assert "Open contests (7)" in text(section)
    names = [link.get_text().partition(":")[0] for link in section.select("li a")]
    assert names == [f"Person {number}" for number in range(5)], "the oldest first"


def a_contest(number):
    citizen = cast.person(f"person-{number}", signs_in=False)
    said = cast.observed(citizen, cast.loan_overdue())
    opened_at = timezone.now() - dt.timedelta(days=100 - number)
    return Contest.objects.create(citizen=citizen, behaviour=said, statement=f"Not {number}.", opened_at=opened_at)


def test_decided_contests_are_listed_only_when_asked_for(signed_in):
    first, _, third = (a_contest(number) for number in range(3))
    decide_contest(acting_user=cast.clerk(), contest=first, uphold=True, reason="So it was.")
    decide_contest(acting_user=cast.second_clerk(), contest=third, uphold=False, reason="It was not.")
    listed = {
        query: [(row[0], row[4]) for row in rows(page_of(signed_in, "contests", **({"all": query} if query else {})))]
        for query in ("", "0", "yes", "1")
    }
    open_ones = [("Person 1", "Open")]
    everything = [("Person 2", "Rejected by second-clerk"), ("Person 1", "Open"), ("Person 0", "Upheld by clerk")]
    assert listed == {"": open_ones, "0": open_ones, "yes": open_ones, "1": everything}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"decision": "perhaps", "reason": "Because."}, "Select a valid choice"),
        ({"reason": "Because."}, "Choose one of the two."),
        ({"decision": "uphold", "reason": " \n "}, "Give a reason"),
        ({"decision": "reject", "reason": "x" * 2001}, "At most 2000 characters"),
        ({"decision": "reject", "reason": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_a_judgement_that_is_none_is_refused_and_kept(signed_in, typed, reason):
    contest = a_contest(1)
    response = signed_in.post(reverse("console:contest", args=[contest.pk]), typed)
    page = soup(response)
    assert (response.status_code, reason in text(page)) == (422, True)
    assert page.find("textarea").get_text().removeprefix("\n") == typed["reason"]
    contest.refresh_from_db()
    assert (contest.status, contest.decided_by) == ("open", None)


def test_of_two_judges_the_second_reads_that_it_was_decided(signed_in):
    contest = a_contest(1)
    decide_contest(acting_user=cast.second_clerk(), contest=contest, uphold=False, reason="It stands.")
    response = signed_in.post(
        reverse("console:contest", args=[contest.pk]), {"decision": "uphold", "reason": "He is right."}
    )
    assert response.status_code == 422
    assert "This contest has already been decided." in text(soup(response))
    contest.refresh_from_db()
    assert (contest.status, contest.reason, contest.behaviour.is_retracted) == ("rejected", "It stands.", False)


def test_the_page_of_a_run_shows_its_numbers(signed_in, in_force):
    run = in_force_since(
        in_force,
        requested_by=cast.clerk(),
        citizens=1_234_567,
        scored=1_000_001,
        behaviours=98_765_432,
        ties=7_654_321,
        pushes=2_000,
        changed=0,
        error_bound=0.0009994,
        seconds={"snapshot": 1.255, "fold": 0.004, "solve": 61.5},
    )
    page = page_of(signed_in, "run", run.pk)
    found = facts(page)
    assert found["Rule set"] == "version 1, Small"
    assert found["Asked for by"].startswith("clerk, Command line, ")
    assert found["Citizens"] == "1,234,567, of whom 1,000,001 scored"
    assert (found["Behaviours"], found["Ties"]) == ("98,765,432", "7,654,321")
    assert found["Steps of the solver"].startswith("2,000 ")
    assert found["Published numbers that changed"] == "0"
    assert found["Certified error bound"] == "0.000999 points"
    assert "These are the scores in force." in text(page)
    assert rows(page, "Phases") == [
        ["Waiting for a worker", "done", "—"],
        ["Reading the population", "done", "1.26"],
        ["Own scores", "done", "0.00"],
        ["Network effect", "done", "61.50"],
        ["Publishing", "done", "—"],
    ]


@pytest.mark.parametrize(
    ("fields", "states", "words"),
    [
        (
            {"status": RunStatus.FAILED, "failure": RunFailure.NOT_PICKED_UP, "phase": RunPhase.WAITING},
            ["failed here", *["to come"] * 4],
            "No worker picked it up in time.",
        ),
        (
            {"status": RunStatus.FAILED, "failure": RunFailure.STOPPED, "phase": RunPhase.SOLVE},
            ["done", "done", "done", "failed here", "to come"],
            "stopped in the middle of “Network effect”.",
        ),
        ({"phase": RunPhase.FOLD, "progress": 0.255}, ["done", "done", "under way", "to come", "to come"], "26 % done"),
        ({"phase": RunPhase.WAITING}, ["under way", *["to come"] * 4], "0 % done"),
        (
            {"status": RunStatus.PUBLISHED, "phase": RunPhase.DONE},
            ["done"] * 5,
            "A later run has taken its place.",
        ),
    ],
)
def test_the_phases_of_a_run_say_how_far_it_came(signed_in, in_force, fields, states, words):
    page = page_of(signed_in, "run", a_run(in_force, **fields).pk)
    assert [row[1] for row in rows(page, "Phases")] == states
    assert words in text(page)
    assert facts(page)["Certified error bound"] == "not known yet"


def test_the_list_of_runs_shows_each_with_its_numbers(signed_in, in_force):
    a_run(in_force, status=RunStatus.PUBLISHED, scored=12, changed=3, error_bound=0.0005)
    in_force_since(in_force, scored=1_234, changed=5, error_bound=0.00000049, requested_by=cast.clerk())
    long = "x" * 200
    a_run(in_force, status=RunStatus.FAILED, failure=RunFailure.BROKE_OFF, failure_detail=long)
    a_run(in_force, trigger=RunTrigger.SCHEDULE)
    assert [row[1:] for row in rows(page_of(signed_in, "runs"))] == [
        ["Running", "version 1", "Schedule", "0", "0", "—"],
        [f"Failed: {long[:79]}…", "version 1", "Command line", "0", "0", "—"],
        ["Published, in force", "version 1", "clerk", "1,234", "5", "0.000000"],
        ["Published", "version 1", "Command line", "12", "3", "0.000500"],
    ]


PAGES = {"": 1, "0": 3, "-1": 3, "abc": 1, "1.5": 1, "2": 2, "3": 3, "9999": 3, "9" * 40: 3, "1\0": 1, "²": 1}


@pytest.mark.parametrize("name", ["runs", "rule-sets", "contests"])
def test_a_long_list_shows_a_page_for_every_number_asked_for(signed_in, in_force, name):
    fill = {
        "runs": lambda n: a_run(in_force, status=RunStatus.PUBLISHED, scored=n),
        "rule-sets": lambda n: RuleSet.objects.create(version=n + 2, name=f"Set {n}", author=cast.clerk()),
        "contests": a_contest,
    }[name]
    for number in range(101 if name != "rule-sets" else 100):
        fill(number)
    parts = {1: 50, 2: 50, 3: 1}
    everything = []
    for asked, number in PAGES.items():
        page = page_of(signed_in, name, **({"page": asked} if asked else {}))
        assert len(rows(page)) == parts[number], asked
        assert page.select_one("nav.pages span").get_text() == f"Page {number} of 3"
        links = {link.get_text(): link["href"] for link in page.select("nav.pages a")}
        neighbours = {"Previous page": number - 1, "Next page": number + 1}
        assert links == {words: f"?page={to}" for words, to in neighbours.items() if to in parts}, asked
        if asked in ("", "2", "3"):
            everything += [link["href"] for link in page.select("tbody th a")]
    assert len(everything) == len(set(everything)) == 101
