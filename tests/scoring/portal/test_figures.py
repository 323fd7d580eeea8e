"""The numbers on the citizen's pages, as a reader sees them, against what was worked out by hand."""

import pytest
from django.urls import reverse

from citizens.enums import TieKind
from citizens.models import Behaviour, BehaviourType, Change
from perks.models import Perk, Restriction
from scoring.enums import RuleSetStatus
from scoring.models import Dimension, Rule
from tests import cast
from tests.pages import seen_on, soup

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_population_held")]


@pytest.fixture
def alice(client):
    alice = cast.alice()
    client.force_login(alice.user)
    return alice


def page(client, name, **query):
    return soup(client.get(reverse(f"portal:{name}"), query))


def words(part):
    return " ".join(part.get_text(" ", strip=True).split())


def read(cell):
    """A number as it stands on a page."""
    return float(words(cell).replace("−", "-").replace(",", "").removeprefix("in all "))


def rows(table):
    """The head and the cells of each row of a table, in words."""
    return [[words(cell) for cell in row.select("th, td")] for row in table.select("tbody tr")]


@pytest.fixture
def rich_rules():
    """Beside the small rules: what fades by half in 10 days, at 80 points, in a dimension with room for 30."""
    rule_set = cast.a_rule_set(publish=False)
    kind = BehaviourType.objects.create(key="volunteering", name="Volunteering", context="civic", unit="hour")
    deeds = Dimension.objects.create(rule_set=rule_set, key="deeds", name="Deeds", room=30, position=1)
    empty = Dimension.objects.create(rule_set=rule_set, key="luck", name="Luck", room=9.5, position=2)
    Rule.objects.create(
        rule_set=rule_set, dimension=deeds, behaviour_type=kind, points=80, most=50, half_life_days=10, expiry_days=100
    )
    cast.move(rule_set, RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED)
    return kind, deeds, empty


def test_every_line_from_base_to_score_with_its_points(client, alice, rich_rules):
    """600 + 20 − 50 = 570 of credit; 2 hours 10 days old are worth 80, the rule gives 50 and the dimension 30: 600."""
    cast.observed(alice, cast.bill_paid(), amount=2)
    cast.observed(alice, cast.loan_overdue())
    cast.observed(alice, rich_rules[0], amount=2, days_ago=10)
    cast.observed(alice, rich_rules[0], amount=100, days_ago=101)  # forgotten
    cast.rescore()
    table = page(client, "why").select_one("table.lines")
    lines = [(words(row.th).split(" Where ")[0], row.td and words(row.td)) for row in table.select("tbody tr")]
    assert [points for _, points in lines] == [
        "+600.00", "in all −30.00", "+20.00", "−50.00", "in all +30.00", "+80.00", "−30.00", "−20.00",
        "in all 0.00", "0", "600.00", None, "0.00", "600",
    ]  # fmt: skip
    assert [what.split(" Reported")[0] for what, _ in lines[:4]] == [
        "Base",
        "Credit It moves a score by at most 250.",
        "Bill paid on time",
        "Loan overdue",
    ]
    assert lines[5][0] == (
        "Volunteering Reported once. It fades by half in 10 days, which leaves 1 hour, at +80 points per hour. "
        "Forgotten after 100 days."
    )
    assert lines[6][0] == "Limit of “Volunteering” “Volunteering” gives or takes at most 50."
    assert lines[7][0] == "Limit of “Deeds” “Deeds” moves a score by at most 30."
    assert lines[9][0] == "Nothing was reported."
    assert lines[12][0].startswith("Network effect In whole points, and in one line:")
    assert lines[13][0] == "Score Good"


@pytest.mark.parametrize(
    ("bills", "loans", "drag", "lift"),
    [(0, 0, 0, 0), (30, 0, 0, 0), (3, 9, 0, 0), (7, 2, 6, 0), (7, 2, 6, 7), (1, 1, 0, 8), (30, 30, 9, 0)],
)
def test_the_lines_add_up_to_both_sums_and_to_the_published_number(client, alice, bills, loans, drag, lift):
    cast.a_rule_set(k0=1, cap=20, theta_lift=650)
    cast.observed(alice, cast.stroll())
    cast.observed(alice, cast.bill_paid(), amount=bills)
    cast.observed(alice, cast.loan_overdue(), amount=loans)
    for n in range(drag + lift):
        friend = cast.person(f"friend-{n}", signs_in=False)
        cast.observed(friend, cast.loan_overdue() if n < drag else cast.bill_paid(), amount=4 if n < drag else 9)
        cast.know_each_other(alice, friend)
    cast.rescore()
    table = page(client, "why").select_one("table.lines")
    sums = [read(row.td) for row in table.select("tr.total")]
    running, found = 0.0, []
    for row in table.select("tbody tr"):
        if row.get("class") == ["total"]:
            found.append(running)
        elif row.td and row.get("class") != ["group"]:
            running += read(row.td)
    assert found == pytest.approx(sums, abs=0.03)
    own = 600 + max(-250, min(250, min(100, 10 * bills) - min(200, 50 * loans)))
    assert sums[0] == own
    assert abs(sums[1] - own) <= 20
    number = int(words(page(client, "score").select_one(".number")))
    assert number == int(alice.scores.get().published)
    assert sums[1] == number
    whole = [read(row.td) for row in table.select("tr.group") if row.td]
    assert whole == pytest.approx([own - 600], abs=0.01)


def test_the_page_of_the_score_says_each_figure(client, alice):
    """700 on her own; her partner at 450 takes 60."""
    cast.a_rule_set()
    cast.observed(alice, cast.bill_paid(), amount=30)
    cast.observed(cast.alices_colleague(), cast.loan_overdue(), amount=3)
    cast.know_each_other(alice, cast.alices_colleague(), TieKind.PARTNER)
    cast.rescore()
    found = page(client, "score")
    assert [words(part) for part in found.select(".number, .band")] == ["640", "Good"]
    assert [words(part) for part in found.select("p.figure")] == ["700.0", "−60", "10 points"]
    assert [words(part) for part in found.select("ol.bands li")] == [
        "Poor 350 to 549",
        "Fair 550 to 599",
        "Good 600 to 649",
        "Excellent 650 to 699",
        "Superb 700 to 950",
    ]
    assert [words(part) for part in found.select("li[aria-current]")] == ["Good 600 to 649"]
    assert found.select_one("svg.scale")["aria-label"] == "640 on a scale from 350 to 950"
    assert found.select_one("svg.scale svg")["x"] == "48.33%"  # (640 − 350) / 600


@pytest.mark.parametrize(
    ("bills", "loans", "number", "band", "to_go"),
    [(9.94, 0, 699, "Excellent", "1 point"), (9.96, 0, 700, "Superb", "None"), (0, 1.01, 550, "Fair", "50 points")],
)
def test_a_score_at_the_edge_of_a_band(client, alice, bills, loans, number, band, to_go):
    """Rounded half up: 699.4 is 699, 699.6 is 700, 549.5 is 550."""
    cast.a_rule_set()
    cast.observed(alice, cast.bill_paid(), amount=bills)
    cast.observed(alice, cast.loan_overdue(), amount=loans)
    cast.rescore()
    found = page(client, "score")
    assert [words(part) for part in found.select(".number, .band")] == [str(number), band]
    assert words(found.select("p.figure")[2]) == to_go


def test_history_row_by_row_newest_first(client, alice):
    cast.a_rule_set()
    partner = cast.alices_colleague()
    cast.observed(alice, cast.bill_paid(), amount=30)
    cast.rescore()
    cast.observed(partner, cast.loan_overdue(), amount=3)
    cast.know_each_other(alice, partner, TieKind.PARTNER)
    cast.rescore()
    cast.rescore()  # nothing moved: no row
    client.post(reverse("portal:consent", args=[cast.bank().pk]), {"withdraw": "1"})
    cast.rescore()
    client.post(reverse("portal:consent", args=[cast.bank().pk]), {"seen": seen_on(client.get("/consents/"))})
    cast.observed(alice, cast.loan_overdue(), amount=0.5)
    cast.rescore()
    assert [row[1:] for row in rows(page(client, "history"))] == [
        ["615", "675.0", "−60"],
        ["no longer scored"],
        ["640", "700.0", "−60"],
        ["700", "700.0", "0"],
    ]


def test_perks_and_restrictions_on_either_side_of_a_score_of_600(client, alice):
    cast.a_rule_set()
    cast.observed(alice, cast.stroll())
    cast.rescore()
    for threshold in (350, 599, 600, 601, 950):
        Perk.objects.create(key=f"p{threshold}", name=f"Perk {threshold}", opens_at=threshold)
        Restriction.objects.create(key=f"r{threshold}", name=f"No {threshold}", closes_below=threshold)
    perks, restrictions = page(client, "perks").select(".cards")
    at_least = "Your 600 is at least {}.".format
    assert [words(card) for card in perks.select(".card")] == [
        f"Perk 350 Open. {at_least(350)}",
        f"Perk 599 Open. {at_least(599)}",
        f"Perk 600 Open. {at_least(600)}",
        "Perk 601 Closed. It opens at 601: 1 point more than your 600.",
        "Perk 950 Closed. It opens at 950: 350 points more than your 600.",
    ]
    assert [words(card) for card in restrictions.select(".card")] == [
        *(f"No {threshold} Does not apply. Your 600 is not below {threshold}." for threshold in (350, 599, 600)),
        "No 601 Applies to you. It applies below 601: 1 point more than your 600 would lift it.",
        "No 950 Applies to you. It applies below 950: 350 points more than your 600 would lift it.",
    ]


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        ({"kind": "bill_paid_on_time", "amount": "5"}, [["600", "650"], ["540", "590"]]),
        ({"kind": "bill_paid_on_time", "amount": "0"}, [["600", "600"], ["540", "540"]]),
        ({"kind": "bill_paid_on_time", "amount": "1000"}, [["600", "700"], ["540", "640"]]),
        ({"kind": "loan_overdue", "amount": ".5"}, [["600", "575"], ["540", "515"]]),
        ({"kind": "loan_overdue", "amount": "+4."}, [["600", "400"], ["540", "350"]]),
    ],
)
def test_what_if_says_both_numbers_now_and_then(client, alice, asked, then):
    """Her partner at 450 or less takes all that ties can take, 60; no score goes below 350."""
    cast.a_rule_set()
    cast.observed(alice, cast.stroll())
    cast.observed(cast.alices_colleague(), cast.loan_overdue(), amount=3)
    cast.know_each_other(alice, cast.alices_colleague(), TieKind.PARTNER)
    cast.rescore()
    told = Change.objects.count()
    assert [row[1:] for row in rows(page(client, "what-if", **asked).select_one("section table"))] == then
    assert (Behaviour.objects.count(), Change.objects.count()) == (2, told)


SCRIPT = "\"><script>alert('x')</script>"
NUMBER = "Enter a number in plain digits, such as 12 or 0.5."
RANGE = "Enter a number from 0 to 1,000."


@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        ("amount", "", "Enter a number."),
        ("amount", "1000.01", RANGE),
        ("amount", "-0.01", RANGE),
        ("amount", "9" * 300, RANGE),
        ("amount", "9" * 400, NUMBER),
        ("amount", "1e3", NUMBER),
        ("amount", "\0", NUMBER),
        ("amount", SCRIPT, NUMBER),
        ("kind", "", "Choose what you would do."),
        ("kind", SCRIPT, "Choose what you would do."),
        ("kind", "volunteering", "Choose what you would do."),
        ("kind", "bill\0paid", "Null characters are not allowed."),
        ("kind", "x" * 5_000, "Choose what you would do."),
    ],
)
def test_what_if_refuses_what_cannot_be_and_keeps_it(client, alice, name, typed, reason):
    cast.a_rule_set()
    BehaviourType.objects.create(key="volunteering", name="Without a rule", context="civic")
    asked = {"kind": "loan_overdue", "amount": "1.50"} | {name: typed}
    answer = client.get(reverse("portal:what-if"), asked)
    assert (answer.status_code, answer.context["form"].errors) == (422, {name: [reason]})
    found = soup(answer)
    assert words(found.select_one("#errors li")).endswith(reason)
    assert found.select_one("input[name=amount]").get("value", "").replace("\ufffd", "\0") == asked["amount"]
    chosen = [option["value"] for option in found.select("select option[selected]")]
    assert chosen == ([asked["kind"]] if asked["kind"] in ("", "loan_overdue") else [])
    assert "<script>alert" not in answer.content.decode()
