"""What may be shown of a network effect, against the rule in plain loops."""

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.arrays import Mask
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, Influence, Solution, Ties
from scoring.engine.parts import NOT_SHOWN, PARTS, NetworkSplit, packed, unpacked
from scoring.engine.solve import solve
from scoring.engine.splitting import network_splits
from tests.scoring.engine import worlds

SEEDS = st.integers(0, 2**32 - 1)
Contributions = list[tuple[int, float, bool]]


def whole(points: float) -> int:
    return math.floor(points + 0.5)


def may_be_shown(contributions: Contributions) -> bool:
    """From (person, points, whether the tie is old enough): five people with old ties, and none more than half."""
    points: dict[int, float] = defaultdict(float)
    old: set[int] = set()
    for person, amount, held in contributions:
        points[person] += amount
        old |= {person} if held else set()
    sizes = {person: abs(amount) for person, amount in points.items()}
    old_sizes = [sizes[person] for person in old]
    return len(old) >= 5 and 2 * max(sizes.values()) <= sum(sizes.values()) and 2 * max(old_sizes) <= sum(old_sizes)


def contributions_of(
    i: int, solution: Solution, ties: Ties, influence: Influence, held: Mask
) -> dict[str, Contributions]:
    """Everybody's points for citizen `i`, by the role of their strongest tie."""
    entries = [e for e in range(ties.indptr[i], ties.indptr[i + 1]) if not np.isnan(solution.score[ties.other[e]])]
    m = {e: float(ties.strength[e]) * float(influence.weight[ties.role[e]]) for e in entries}
    by_person: dict[int, list[int]] = defaultdict(list)
    for e in entries:
        by_person[int(ties.other[e])].append(e)
    strongest = {person: max(own, key=lambda e: m[e]) for person, own in by_person.items()}
    counted = [e for e in strongest.values() if m[e] > 0]
    total = influence.k0 + sum(m[e] for e in counted)
    by_role: dict[str, Contributions] = defaultdict(list)
    for e in counted if len(counted) >= influence.least_ties else ():
        person = int(ties.other[e])
        if points := m[e] * float(solution.phi[person]) / total:
            is_old = any(held[one] for one in by_person[person])
            by_role[ROLES[ties.role[e]]].append((person, points, is_old))
    return by_role


def split_of(i: int, solution: Solution, ties: Ties, influence: Influence, held: Mask) -> NetworkSplit:
    if np.isnan(solution.score[i]):
        return NetworkSplit(None, None, {})
    by_role = contributions_of(i, solution, ties, influence, held)
    everything = [one for role in by_role.values() for one in role]
    down, up = [one for one in everything if one[1] < 0], [one for one in everything if one[1] > 0]
    drag = lift = None
    if may_be_shown(down) and may_be_shown(up):
        drag, lift = whole(sum(one[1] for one in down)), whole(sum(one[1] for one in up))
    shown = {role for role, parts in by_role.items() if may_be_shown(parts)}
    rest = [one for role, parts in by_role.items() if role not in shown for one in parts]
    if rest and not may_be_shown(rest):
        shown = set()
    return NetworkSplit(drag, lift, {role: whole(sum(one[1] for one in by_role[role])) for role in shown})


def crowded(rng: np.random.Generator) -> tuple[Solution, Ties, Influence]:
    """People with many ties of few kinds, some of them several to one person."""
    n = int(rng.integers(12, 40))
    a, b = rng.integers(0, n, (2, int(rng.integers(3, 13)) * n))
    a, b = a[a != b], b[a != b]
    role = rng.choice(rng.choice(len(ROLES), 3), len(a))
    ties = ties_from_pairs(n, a, b, role, REVERSE_ROLE[role], (1 - rng.random(len(a))) ** 2)
    theta = np.sort(rng.uniform(550, 750, 2))
    influence = worlds.influence(theta_drag=theta[0], theta_lift=theta[1], k0=float(rng.choice([0, 1])))
    own, scored = worlds.random_own(rng, n)
    return solve(own, scored, ties, influence), ties, influence


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None)
def test_what_is_shown_is_what_the_rule_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    solution, ties, influence = crowded(rng)
    held = rng.random(len(ties.other)) < rng.choice([0.5, 0.9, 1.0])
    stored = packed(network_splits(solution, ties, influence, held=held))
    for i in range(len(stored)):
        assert unpacked(stored[i].tobytes()) == split_of(i, solution, ties, influence, held), i


def test_those_worlds_have_parts_shown_and_parts_hidden() -> None:
    splits = [network_splits(*crowded(np.random.default_rng(seed))) for seed in range(20)]
    for part in (0, 2):
        shown = np.concatenate([(rows[:, part:] != NOT_SHOWN).any(axis=1) for rows in splits])
        assert 0.1 < shown.mean() < 0.9, PARTS[part]


def star(scores: list[float], roles: list[str] | None = None) -> tuple[Solution, Ties, Influence]:
    """A citizen at 650 in the middle, of whom all others think alike; nobody but them moves the middle."""
    roles = roles or ["friend"] * len(scores)
    ties = worlds.ties_of(len(scores) + 1, [(0, k + 1, role, 1.0) for k, role in enumerate(roles)])
    influence = worlds.influence(drag=0.5, lift=0.5, theta_drag=600.0, theta_lift=650.0, cap=600.0, k0=0.0,
                                 weight=np.ones(len(ROLES)))  # fmt: skip
    own = np.array([650.0, *scores])
    return solve(own, np.ones(len(own), bool), ties, influence, tolerance=1e-9), ties, influence


def middle(*world: object, held: Mask | None = None) -> NetworkSplit:
    return unpacked(packed(network_splits(*world, held=held))[0].tobytes())  # type: ignore[arg-type]


def test_five_alike_are_shown_and_four_are_not():
    assert middle(*star([500.0] * 5)).by_role == {"friend": -50}
    assert middle(*star([500.0] * 4)) == NetworkSplit(None, None, {})


def test_drag_and_lift_are_shown_together_or_not_at_all():
    both = middle(*star([500.0] * 5 + [750.0] * 5))
    assert (both.drag, both.lift, both.by_role) == (-25, 25, {"friend": 0})
    assert middle(*star([500.0] * 5 + [750.0] * 4)).drag is None
    assert middle(*star([500.0] * 5)).drag is None, "that nobody lifts would say of each that they are not high"


def test_one_who_holds_more_than_half_hides_the_part():
    assert middle(*star([500.0] + [575.0] * 4)).by_role == {"friend": -20}
    assert middle(*star([490.0] + [575.0] * 4)).by_role == {}


def test_people_tied_since_yesterday_do_not_make_it_five():
    world = star([500.0] * 6)
    ties = world[1]
    old = np.ones(len(ties.other), bool)
    old[:1] = False
    assert middle(*world, held=old).by_role == {"friend": -50}
    old[:2] = False
    assert middle(*world, held=old).by_role == {}


def test_newcomers_do_not_cover_for_one_old_friend():
    """Whoever knows what the newcomers give could take it away."""
    world = star([400.0] + [590.0] * 4 + [400.0] * 5)
    assert middle(*world).by_role
    assert middle(*world, held=np.arange(len(world[1].other)) < 5).by_role == {}


def test_a_kind_is_not_shown_where_the_rest_is_the_doing_of_few():
    assert middle(*star([500.0] * 10, ["friend"] * 5 + ["colleague"] * 5)).by_role == {"friend": -25, "colleague": -25}
    assert middle(*star([500.0] * 9, ["friend"] * 5 + ["colleague"] * 4)).by_role == {}
    assert middle(*star([500.0] * 5 + [620.0] * 4, ["friend"] * 5 + ["colleague"] * 4)).by_role == {"friend": -28}


@pytest.mark.parametrize("threads", [1, 2])
def test_it_is_the_same_on_any_number_of_threads(threads, monkeypatch):
    rng = np.random.default_rng(7)
    n = 30_000
    (own, scored), ties = worlds.random_own(rng, n), worlds.random_ties(rng, n, 10 * n)
    ties = ties.at(worlds.NOW, worlds.influence())
    solution = solve(own, scored, ties, worlds.influence())
    from scoring.engine.kernels import threads as pool

    monkeypatch.setattr(pool, "processors", lambda: threads)
    splits = network_splits(solution, ties, worlds.influence())
    assert (splits[:, PARTS.index("drag")] != NOT_SHOWN).any()
    held = np.ones(len(ties.other), bool)
    for i in range(0, n, 997):
        assert unpacked(packed(splits)[i].tobytes()) == split_of(i, solution, ties, worlds.influence(), held)
