"""Numbers as people write and read them."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from sesame_site.kit.pages.numbers import PlainDecimal, PlainWhole, number, plain, points, quantity, signed


@pytest.mark.parametrize(
    ("value", "words"),
    [(1_000_000, "1,000,000"), (1e6, "1,000,000"), (-6, "−6"), (0.15, "0.15"), (0.0, "0"), (-1e-9, "0"), (100, "100")],
)
def test_numbers_are_read_without_exponents_and_with_a_true_minus(value, words):
    assert number(value) == words


def test_what_is_above_zero_may_carry_its_sign():
    assert [signed(value) for value in (2.5, 0, -2.5)] == ["+2.5", "0", "−2.5"]


def test_points_that_round_to_nothing_have_no_sign():
    assert [points(value, 1) for value in (28.64, -60, -0.04, 0.04, 0)] == ["+28.6", "−60.0", "0.0", "0.0", "0.0"]


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (1, "hour", "1 hour"),
        (23.3125, "hour", "23.31 hours"),
        (0.5, "time", "0.5 times"),
        (3, "EUR", "3 EUR"),
        (-2, "point", "−2 points"),
    ],
)
def test_an_amount_comes_with_its_unit(amount, unit, words):
    assert quantity(amount, unit) == words


@pytest.mark.parametrize(
    ("typed", "value"), [("12", 12), (" 0.5 ", 0.5), ("−0.25", -0.25), ("-3", -3), (".5", 0.5), ("5.", 5)]
)
def test_plain_digits_are_taken(typed, value):
    assert PlainDecimal().clean(typed) == value


@pytest.mark.parametrize("typed", ["1_000", "０.７", "1e3", "nan", "inf", "1,5", "--1", "٣", "0x10", "9" * 400])
def test_other_ways_to_write_a_number_are_refused(typed):
    for field in (PlainDecimal(), PlainWhole(max_value=10)):
        with pytest.raises(ValidationError):
            field.clean(typed)


@pytest.mark.parametrize("value", [1e-5, 0.1, 123456789.125, -40.0, 1e6])
def test_what_is_shown_in_a_box_can_be_sent_back(value):
    assert PlainDecimal().clean(plain(value)) == value


@pytest.mark.parametrize(
    ("language", "written", "under_each_other"), [("en", "−1,234.5", "−1,234.50"), ("nl", "−1.234,5", "−1.234,50")]
)
def test_numbers_are_written_as_the_language_writes_them(language, written, under_each_other):
    with override(language):
        assert number(-1234.5) == written
        assert points(-1234.5, 2) == under_each_other
        assert signed(0.25) in ("+0.25", "+0,25")
        assert plain(-1234.5) == "-1234.5", "forms take plain digits in every language"


@pytest.mark.parametrize(
    ("value", "places", "words"),
    [
        (-0.0, 6, "0"),
        (0.0000005, 6, "0"),
        (0.0000006, 6, "0.000001"),
        (-999.9996, 3, "−1,000"),
        (1e21, 0, "1,000,000,000,000,000,000,000"),
        (1200, 0, "1,200"),
        (0.5, 0, "0"),
        (100.10, 2, "100.1"),
    ],
)
def test_a_number_is_rounded_before_its_zeros_and_its_sign_go(value, places, words):
    assert number(value, places) == words


@pytest.mark.parametrize(
    ("value", "places", "words"),
    [(-0.0, 2, "0.00"), (0.004, 2, "0.00"), (-0.006, 2, "−0.01"), (1234.5, 0, "+1,234"), (-1e6, 1, "−1,000,000.0")],
)
def test_points_keep_their_places_and_their_sign(value, places, words):
    assert points(value, places) == words


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (0, "time", "0 times"),
        (1.004, "hour", "1 hour"),
        (2, "loss", "2 loss"),
        (2, "kg CO₂", "2 kg CO₂"),
        (2, "", "2 "),
    ],
)
def test_a_unit_is_put_in_the_plural_where_it_is_a_plain_word(amount, unit, words):
    assert quantity(amount, unit) == words


@pytest.mark.parametrize(
    ("typed", "value"), [("12", 12), (" +7 ", 7), ("−3", -3), ("007", 7), ("", None), ("  ", None)]
)
def test_whole_numbers_are_taken_and_spaces_alone_are_nothing(typed, value):
    for field in (PlainWhole(required=False), PlainDecimal(required=False)):
        assert field.clean(typed) == value


@pytest.mark.parametrize("typed", ["1.0", "1.5", "1e2", "+", "٣", "1 000", "0b1", "9" * 5_000, "\0"])
def test_what_is_not_whole_is_refused_in_words(typed):
    with pytest.raises(ValidationError) as refused:
        PlainWhole().clean(typed)
    assert refused.value.messages == ["Enter a whole number in plain digits, such as 12."]


@pytest.mark.parametrize(
    ("value", "shown"), [(1e22, "1" + "0" * 22), (1e-7, "0.0000001"), (600, "600"), (-0.5, "-0.5")]
)
def test_a_box_shows_plain_digits_and_what_was_typed_as_typed(value, shown):
    assert PlainDecimal().prepare_value(value) == shown
    assert PlainDecimal().prepare_value("1e5 <b>") == "1e5 <b>"
