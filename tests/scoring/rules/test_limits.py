"""What makes a rule set refused, and at which field."""

import dataclasses

import pytest

from scoring.rules.limits import band_problems, problems_in, problems_of, threshold_problem
from scoring.rules.terms import BandTerms, RuleTerms
from tests.scoring.rule_book import TERMS, administrator, behaviour_types, published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known_types():
    return behaviour_types()


def refused(**changes):
    return [field for field, _ in problems_in(dataclasses.replace(TERMS, **changes))]


def refused_rule(**changes):
    first, *others = TERMS.rules
    return refused(rules=(dataclasses.replace(first, **changes), *others))


def test_a_sound_rule_set_has_no_problems():
    assert problems_in(TERMS) == []


def test_a_stored_rule_set_is_judged_like_its_terms():
    assert problems_of(published(author=administrator("ada"), publisher=administrator("grace"))) == []


@pytest.mark.parametrize("field", ["drag", "lift"])
@pytest.mark.parametrize("value", [-0.01, 1.0, 1.5, float("nan"), float("inf")])
def test_drag_and_lift_stay_below_one(field, value):
    assert refused(**{field: value}) == [field]


@pytest.mark.parametrize("field", ["drag", "lift"])
@pytest.mark.parametrize("value", [0.0, 0.999999])
def test_drag_and_lift_reach_from_zero_to_just_below_one(field, value):
    assert refused(**{field: value}) == []


def test_nobody_drags_and_lifts_at_once():
    assert refused(theta_drag=700.0, theta_lift=699.0) == ["theta_drag"]
    assert refused(theta_drag=700.0, theta_lift=700.0) == []
    assert "one person would drag and lift" in threshold_problem(700, 699)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), 1e300])
@pytest.mark.parametrize("field", ["half_life_days", "expiry_days"])
def test_days_are_positive_and_human(field, value):
    assert refused_rule(**{field: value}) == [f"rules.bill_paid_on_time.{field}"]


@pytest.mark.parametrize("field", ["half_life_days", "expiry_days"])
def test_a_rule_may_never_fade(field):
    assert refused_rule(**{field: None}) == []


def test_an_unknown_behaviour_type_is_named():
    stranger = RuleTerms("sneezed", "money", 1.0, 1.0)
    assert problems_in(dataclasses.replace(TERMS, rules=(stranger,))) == [
        ("rules.sneezed.behaviour_type", "There is no behaviour type “sneezed”.")
    ]


def test_one_rule_per_behaviour_type():
    assert set(refused(rules=(TERMS.rules[0], TERMS.rules[0]))) == {"rules.bill_paid_on_time.behaviour_type"}


def test_a_rule_needs_a_dimension_of_its_set():
    assert refused_rule(dimension="luck") == ["rules.bill_paid_on_time.dimension"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("base", 349.0), ("base", 951.0), ("cap", -1.0), ("k0", -0.1), ("k0", 1e300), ("minimum_behaviours", -1)],
)
def test_numbers_out_of_range_are_refused_at_their_field(field, value):
    assert refused(**{field: value}) == [field]


def test_a_tie_weight_is_not_negative():
    assert refused(tie_weights=(("friend", -1.0),)) == ["tie_weights.friend"]
    assert refused(tie_weights=(("enemy", 1.0),)) == ["tie_weights.enemy"]


@pytest.mark.parametrize(
    ("lowers", "where"), [([], {None}), ([351, 600], {0}), ([350, 600, 600], {2}), ([600, 350], set())]
)
def test_bands_cover_the_range_once(lowers, where):
    assert set(band_problems(lowers)) == where


def test_a_gap_is_told_at_the_lowest_band():
    assert refused(bands=(BandTerms("low", "Low", 360), BandTerms("high", "High", 700))) == ["bands.low.lower"]


def test_a_band_lies_within_the_scores():
    assert refused(bands=(BandTerms("low", "Low", 350), BandTerms("high", "High", 951))) == ["bands.high.lower"]
