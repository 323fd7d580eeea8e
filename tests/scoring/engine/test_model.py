"""The shapes of the input, and the number that people see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, published
from tests.scoring.engine import worlds

FRIEND, PARENT, CHILD, COLLEAGUE = (ROLES.index(role) for role in ("friend", "parent", "child", "colleague"))


def test_pairs_become_both_directions_sorted() -> None:
    ties = worlds.ties_of(
        4, [(2, 0, "colleague", 0.2), (0, 1, "child", 0.5), (2, 0, "friend", 0.9), (0, 2, "friend", 0.1)]
    )
    assert ties.indptr.tolist() == [0, 4, 5, 8, 8]
    assert ties.other.tolist() == [1, 2, 2, 2, 0, 0, 0, 0]
    friends_then_work = [FRIEND, FRIEND, COLLEAGUE]
    assert ties.role.tolist() == [CHILD, *friends_then_work, PARENT, *friends_then_work]
    assert ties.strength.tolist() == pytest.approx([0.5, 0.1, 0.9, 0.2, 0.5, 0.1, 0.9, 0.2], rel=1e-7)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_ties_do_not_depend_on_the_order_or_direction_of_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, role = rng.integers(0, 5, 20), rng.integers(5, 9, 20), rng.integers(0, len(ROLES), 20)
    strength = rng.choice([0.1, 0.5, 1.0], 20)
    order, turned = rng.permutation(20), rng.random(20) < 0.5
    one = ties_from_pairs(9, a, b, role, REVERSE_ROLE[role], strength)
    other = ties_from_pairs(
        9,
        np.where(turned, b, a)[order],
        np.where(turned, a, b)[order],
        np.where(turned, REVERSE_ROLE[role], role)[order],
        np.where(turned, role, REVERSE_ROLE[role])[order],
        strength[order],
    )
    assert one.problems(9) == []
    for name in ("indptr", "other", "role", "strength"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.mark.parametrize("position", [-1, 2])
def test_pairs_of_nobody_are_refused(position: int) -> None:
    with pytest.raises(ValueError, match="positions of citizens"):
        worlds.ties_of(2, [(0, position, "friend", 1.0)])


def test_what_one_is_to_somebody_is_the_reverse_of_what_they_are() -> None:
    assert ROLES[REVERSE_ROLE[PARENT]] == "child"
    assert ROLES[REVERSE_ROLE[CHILD]] == "parent"
    assert ROLES[REVERSE_ROLE[FRIEND]] == "friend"


def test_published_rounds_half_up() -> None:
    scores = np.array([350.0, 599.49, 599.5, 600.5, 950.0, np.nan])
    assert published(scores).tolist() == [350, 599, 600, 601, 950, -1]
    assert published(scores).dtype == np.int16
