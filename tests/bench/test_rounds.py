"""How what takes but a moment is measured."""

from bench.rounds import typical


def test_what_is_short_is_done_until_its_median_counts() -> None:
    seconds = iter([0.01, 0.03, 0.02, 9.0])
    assert typical(lambda: next(seconds), float, least=0.05) == 0.02


def test_a_median_is_not_the_slower_of_two() -> None:
    seconds = iter([0.03, 0.05, 0.04])
    assert typical(lambda: next(seconds), float, least=0.05) == 0.04


def test_what_is_long_is_done_once() -> None:
    seconds = iter([3.0])
    assert typical(lambda: next(seconds), float, least=0.05) == 3.0
