"""What differs between two rule sets, in words."""

import dataclasses

import pytest

from scoring.rules.differences import differences, differences_of_terms
from scoring.rules.limits import band_problems, problems_in
from scoring.rules.terms import BandTerms, DimensionTerms, RuleTerms
from tests import cast
from tests.scoring.rule_book import TERMS, behaviour_types

pytestmark = pytest.mark.django_db

BILL, LOAN = TERMS.rules
MONEY, DEEDS = TERMS.dimensions
POOR, FAIR, GOOD = TERMS.bands
CROSSED = "The drag threshold (700.5) is above the lift threshold (700.25)"
AT_ONCE = "one person would drag and lift at the same time."
VOLUNTEERING = RuleTerms("volunteering", "deeds", 0.5, 40.0, None, 1.0)


@pytest.fixture(autouse=True)
def known_types():
    return behaviour_types()


def changed(**changes):
    return dataclasses.replace(TERMS, **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"name": "Large town", "note": "100 %(name)s"},
         ["Rule set, Name: Small town → Large town", "Rule set, Note:  → 100 %(name)s"]),
        ({"drag": 0.25, "cap": 1.0, "minimum_behaviours": 1_000},
         ["Rule set, Fewest behaviours: 1 → 1,000", "Rule set, Drag: 0.2 → 0.25",
          "Rule set, Network cap: 60 points → 1 point"]),
        ({"rules": (dataclasses.replace(BILL, points=-10.0, half_life_days=None), LOAN)},
         ["Rule Bill paid on time, Points: +10 → −10", "Rule Bill paid on time, Half-life: 365 days → never fades"]),
        ({"rules": (dataclasses.replace(BILL, dimension="deeds"), LOAN)},
         ["Rule Bill paid on time, Dimension: Money → Deeds"]),
        ({"rules": (BILL, LOAN, VOLUNTEERING)},
         ["Rule Volunteering, Dimension: Deeds (new)", "Rule Volunteering, Points: +0.5 (new)",
          "Rule Volunteering, Most: 40 points (new)", "Rule Volunteering, Half-life: never fades (new)",
          "Rule Volunteering, Expiry: 1 day (new)"]),
        ({"rules": (BILL,)},
         ["Rule Loan overdue, Dimension: Money (removed)", "Rule Loan overdue, Points: −40 (removed)",
          "Rule Loan overdue, Most: 200 points (removed)", "Rule Loan overdue, Half-life: never fades (removed)",
          "Rule Loan overdue, Expiry: 1,825 days (removed)"]),
        ({"dimensions": (dataclasses.replace(MONEY, room=200.5), DEEDS)},
         ["Dimension Money, Room: 200 points → 200.5 points"]),
        ({"dimensions": (MONEY,)}, ["Dimension Deeds, Room: 150 points (removed)"]),
        ({"tie_weights": tuple((role, 0.25 if role == "child" else 1.0) for role, _ in TERMS.tie_weights)},
         ["Tie weights, Child: 1 → 0.25"]),
        ({"bands": (POOR, dataclasses.replace(FAIR, lower=551), BandTerms("top", "Top", 900))},
         ["Band Fair, Lower edge: 550 → 551", "Band Good, Lower edge: 650 (removed)",
          "Band Top, Lower edge: 900 (new)"]),
        ({"rules": (LOAN, BILL), "bands": (GOOD, FAIR, POOR)}, []),
    ],
)  # fmt: skip
def test_every_weight_that_differs_is_named_and_no_other(changes, words):
    assert [str(one) for one in differences_of_terms(TERMS, changed(**changes))] == words


def test_what_is_new_one_way_is_removed_the_other():
    new = changed(rules=(BILL, LOAN, VOLUNTEERING), bands=(POOR, FAIR), cap=5.0)
    there, back = differences_of_terms(TERMS, new), differences_of_terms(new, TERMS)
    assert {(one.part, one.name, one.old, one.new) for one in there} == {
        (one.part, one.name, one.new, one.old) for one in back
    }


def test_two_rule_sets_that_are_stored_differ_in_what_was_changed():
    first, second = cast.a_rule_set(publish=False), cast.a_rule_set(publish=False, k0=1.5)
    second.bands.filter(key="superb").update(lower=701)
    assert [str(one) for one in differences(first, second)] == [
        "Rule set, Shield: 0 → 1.5",
        "Band Superb, Lower edge: 700 → 701",
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": " \n"}, ("name", "A rule set needs a name.")),
        ({"dimensions": (MONEY, DEEDS, DimensionTerms("deeds", "Deeds", 1))},
         ("dimensions.deeds", "There are two dimensions of this name.")),
        ({"dimensions": (MONEY, dataclasses.replace(DEEDS, room=-0.5))},
         ("dimensions.deeds.room", "“Room” must be from 0 to 600.")),
        ({"bands": (POOR, FAIR, BandTerms("fair", "Fair", 700))}, ("bands.fair", "There are two bands of this name.")),
        ({"bands": ()}, ("bands", "A rule set needs at least one band.")),
        ({"bands": (BandTerms("low", "Low", 351),)},
         ("bands.low.lower",
          "The lowest band starts at 351 and must start at 350: otherwise the bands leave a gap.")),
        ({"tie_weights": (("enemy", 1.0),)}, ("tie_weights.enemy", "There is no tie of kind “enemy”.")),
        ({"rules": (dataclasses.replace(BILL, dimension="luck"),)},
         ("rules.bill_paid_on_time.dimension", "This rule set has no dimension “luck”.")),
        ({"theta_drag": 700.5, "theta_lift": 700.25}, ("theta_drag", f"{CROSSED}: {AT_ONCE}")),
    ],
)  # fmt: skip
def test_a_problem_is_said_in_a_sentence_at_its_place(changes, problem):
    assert problems_in(changed(**changes)) == [problem]


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_page():
    wrong = changed(name="", drag=2.0, dimensions=(), bands=(), tie_weights=(("friend", -1.0),))
    assert [place for place, _ in problems_in(wrong)] == [
        "name",
        "drag",
        "rules.bill_paid_on_time.dimension",
        "rules.loan_overdue.dimension",
        "tie_weights.friend",
        "bands",
    ]


def test_each_band_that_begins_where_another_did_is_named():
    overlap = "Two bands start at 600: they would overlap. Give each its own lower edge."
    assert band_problems([350, 600, 600, 700, 600]) == {2: overlap, 4: overlap}
