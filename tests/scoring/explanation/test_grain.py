"""What of the influence of others is shown: it follows from the own score and two whole numbers, and tells no more."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.engine.scale import CEILING, FLOOR, whole
from scoring.explanation import Line, LineKind
from scoring.explanation.protecting import limit_in_whole_points, rounding
from scoring.models import Score

OWN = st.floats(FLOOR, CEILING)
NETWORK = st.floats(-300, 300)


def score_of(own, network):
    value = min(max(own + network, FLOOR), CEILING)
    return Score(own=own, network=network, value=value, published=math.floor(value + 0.5))


def lines_of(score):
    lines = [
        Line(LineKind.BASE, score.own),
        Line(LineKind.NETWORK, whole(score.network)),
        Line(LineKind.SCORE_LIMIT, limit_in_whole_points(score)),
    ]
    return [*lines, *rounding(score, lines)]


@given(OWN, NETWORK)
def test_lines_with_whole_points_of_others_add_up_to_the_published_score(own, network):
    score = score_of(own, network)
    lines = lines_of(score)
    assert sum(line.points for line in lines) == pytest.approx(score.published, abs=1e-9)
    assert all(abs(line.points) <= 1 for line in lines if line.kind == LineKind.ROUNDING)


@given(OWN, NETWORK, NETWORK)
def test_two_networks_of_the_same_whole_points_and_score_show_the_same_lines(own, network, other):
    one, two = score_of(own, network), score_of(own, whole(network) + other / 1_000)
    assume(whole(two.network) == whole(network) and one.published == two.published)
    assert lines_of(one) == lines_of(two)


@pytest.mark.parametrize(
    ("points", "shown"), [(0.4999, 0), (0.5, 1), (-0.5, 0), (-0.5001, -1), (-60.0, -60), (12.5, 13)]
)
def test_points_are_rounded_half_up_as_scores_are(points, shown):
    assert whole(points) == shown
