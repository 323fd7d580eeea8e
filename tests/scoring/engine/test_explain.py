"""The lines add up to the score, and each says what it says it does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.explain import NetworkLines, OwnLines, event_points, network_lines, own_lines
from scoring.engine.fold import own_scores
from scoring.engine.model import ROLES, Influence, Population, Rules
from scoring.engine.solve import solve
from tests.scoring.engine import worlds

SEEDS = st.integers(0, 2**32 - 1)


def columns_of(population: Population, i: int) -> tuple[list[int], list[float], list[float]]:
    events = population.events
    rows = slice(events.indptr[i], events.indptr[i + 1])
    kept = events.occurred[rows] <= worlds.NOW
    ages = (worlds.NOW - events.occurred[rows][kept]) / worlds.DAY
    return events.kind[rows][kept].tolist(), ages.tolist(), events.amount[rows][kept].tolist()


def network_of(population: Population, i: int, score: np.ndarray, influence: Influence) -> NetworkLines:
    ties = population.ties.at(worlds.NOW, influence)
    row = slice(ties.indptr[i], ties.indptr[i + 1])
    scored = ~np.isnan(score[ties.other[row]]) & (ties.strength[row] > 0)
    others = ties.other[row][scored]
    return network_lines(others, score[others], ties.role[row][scored], ties.strength[row][scored], influence)


def every_line(own: OwnLines) -> list[float]:
    rules = [points for d in own.dimensions for rule in d.rules for points in (rule.raw, rule.cap)]
    return [own.base, *rules, *(d.cap for d in own.dimensions), own.clip]


@given(seed=SEEDS)
@settings(max_examples=100, deadline=None)
def test_every_line_together_is_the_score(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rules, population, influence = (
        worlds.random_rules(rng),
        worlds.random_population(rng, 10),
        worlds.random_influence(rng),
    )
    own = own_scores(population, rules, as_of=worlds.NOW)
    solution = solve(own.score, own.scored, population.ties.at(worlds.NOW, influence), influence, tolerance=1e-8)
    for i in np.flatnonzero(own.scored):
        mine = own_lines(*columns_of(population, i), rules)
        network = network_of(population, i, solution.score, influence)
        assert mine.counted == own.counted[i]
        assert sum(every_line(mine)) == pytest.approx(own.score[i], abs=1e-6)
        assert mine.score == pytest.approx(own.score[i], abs=1e-6)
        clip = solution.score[i] - own.score[i] - solution.network[i]
        lines = [*every_line(mine), network.drag, network.lift, network.cap, clip]
        assert sum(lines) == pytest.approx(solution.score[i], abs=1e-6)
        assert network.drag == pytest.approx(solution.drag[i], abs=1e-6)
        assert network.total == pytest.approx(solution.network[i], abs=1e-6)
        assert abs(clip) < 1e-9 or solution.score[i] in (350, 950)


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_behaviours_add_up_to_their_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rules, population = worlds.random_rules(rng), worlds.random_population(rng, 4)
    for i in range(4):
        kinds, ages, amounts = columns_of(population, i)
        each = event_points(kinds, ages, amounts, rules)
        raw = {rule.kind: rule.raw for d in own_lines(kinds, ages, amounts, rules).dimensions for rule in d.rules}
        for kind in set(kinds):
            together = sum(points for k, points in zip(kinds, each, strict=True) if k == kind)
            assert together == pytest.approx(raw.get(kind, 0.0), abs=1e-9)


def test_limits_have_lines_of_their_own() -> None:
    rules = Rules(
        points=np.array([10.0, 30.0]),
        half_life_days=np.array([100.0, np.inf]),
        expiry_days=np.array([np.inf, np.inf]),
        most=np.array([12.0, 100.0]),
        dimension=np.array([0, 0]),
        room=np.array([40.0]),
        base=930.0,
    )
    # 10 · (1 + ½) = 15, of which 12 count; with 30 that is 42, of which 40 count; 970 is 20 too many.
    lines = own_lines([0, 0, 1], [0.0, 100.0, 7.0], [1.0, 1.0, 1.0], rules)
    (dimension,) = lines.dimensions
    assert [(rule.events, rule.x, rule.raw, rule.cap) for rule in dimension.rules] == [(2, 1.5, 15, -3), (1, 1, 30, 0)]
    assert (dimension.cap, dimension.contribution, lines.clip, lines.score) == (-2, 40, -20, 950)
    assert event_points([0, 0, 1], [0.0, 100.0, 7.0], [1.0, 1.0, 1.0], rules) == [10, 5, 30]


def test_network_by_role_and_its_cap() -> None:
    friend, partner = ROLES.index("friend"), ROLES.index("partner")
    influence = worlds.influence(weight=np.ones(7), k0=0.0, cap=10.0)
    # Each counts a third: −0.4 · 200, −0.4 · 50 and 0.3 · 100.
    roles, scores = np.array([friend, friend, partner]), np.array([400.0, 550.0, 750.0])
    lines = network_lines(np.arange(3), scores, roles, np.ones(3), influence)
    assert (lines.drag, lines.lift) == (pytest.approx(-100 / 3), pytest.approx(10.0))
    assert lines.total == pytest.approx(-10.0)
    assert lines.cap == pytest.approx(100 / 3 - 20)
    assert lines.by_role == {"partner": pytest.approx(10.0), "friend": pytest.approx(-100 / 3)}


def test_one_person_in_two_roles_counts_in_that_of_the_strongest_tie() -> None:
    friend, neighbour = ROLES.index("friend"), ROLES.index("neighbour")
    lines = network_lines(
        np.array([5, 6, 5]),
        np.array([400.0, 450.0, 400.0]),
        np.array([neighbour, friend, friend]),
        np.ones(3),
        worlds.influence(k0=0.0, cap=500.0),
    )
    assert (lines.people, [*lines.by_role]) == (2, ["friend"])
    assert lines.drag == pytest.approx(-0.4 * (200 + 150) / 2)


def test_too_few_people_give_and_take_nothing() -> None:
    friend = np.full(2, ROLES.index("friend"))
    people = np.arange(2), np.array([400.0, 450.0]), friend, np.ones(2)
    nothing = network_lines(*people, worlds.influence(least_ties=3))
    assert (nothing.are_too_few, nothing.total, nothing.people) == (True, 0.0, 2)
    assert not network_lines(*people, worlds.influence(least_ties=2)).are_too_few


def test_nobody_known_gives_nothing() -> None:
    nobody = np.zeros(0, np.int64)
    nothing = network_lines(nobody, np.zeros(0), nobody, np.zeros(0), worlds.influence(k0=0.0))
    assert (nothing.drag, nothing.lift, nothing.cap, nothing.total, nothing.by_role) == (0, 0, 0, 0, {})
