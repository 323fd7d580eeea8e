"""Which perks are open and which restrictions apply: the edges, and the words."""

import pytest

from perks.eligibility import perk_outcomes, restriction_outcomes
from perks.models import Perk, Restriction

BIKE = Perk(key="bike", name="City bike", opens_at=600)
LOAN = Restriction(key="loan", name="No loan", closes_below=500)


@pytest.mark.parametrize(
    ("published", "is_open", "missing"),
    [(950, True, 0), (601, True, 0), (600, True, 0), (599, False, 1), (350, False, 250)],
)
def test_a_perk_opens_exactly_on_its_threshold(published, is_open, missing):
    [outcome] = perk_outcomes(published, [BIKE])
    assert (outcome.opening, outcome.holds, outcome.missing) == (BIKE, is_open, missing)


@pytest.mark.parametrize(
    ("published", "applies", "missing"), [(350, True, 150), (499, True, 1), (500, False, 0), (501, False, 0)]
)
def test_a_restriction_applies_below_its_threshold_and_not_on_it(published, applies, missing):
    [outcome] = restriction_outcomes(published, [LOAN])
    assert (outcome.opening, outcome.holds, outcome.missing) == (LOAN, applies, missing)


def test_the_unscored_have_no_perk_and_no_restriction():
    [perk], [restriction] = perk_outcomes(None, [BIKE]), restriction_outcomes(None, [LOAN])
    assert not perk.holds
    assert not restriction.holds
    assert "you have none" in perk.reason
    assert "you have no score" in restriction.reason


def test_reasons_name_both_numbers():
    assert perk_outcomes(712, [BIKE])[0].reason == "Your 712 is at least 600."
    assert perk_outcomes(562, [BIKE])[0].reason == "It opens at 600: 38 points more than your 562."
    assert perk_outcomes(599, [BIKE])[0].reason == "It opens at 600: 1 point more than your 599."
    assert "10 points more than your 490 would lift it" in restriction_outcomes(490, [LOAN])[0].reason


def test_outcomes_keep_the_order_they_were_asked_in():
    car = Perk(key="car", name="Rental car", opens_at=650)
    assert [outcome.opening for outcome in perk_outcomes(600, [car, BIKE])] == [car, BIKE]
    assert perk_outcomes(600, []) == []
