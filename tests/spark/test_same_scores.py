"""The cluster's scores are the local engine's, whichever way φ travels."""

from collections.abc import Callable

import numpy as np
import pytest

from scoring.engine import reference
from scoring.engine.fold import own_scores
from scoring.engine.model import Events, Own, Population, Solution, Ties
from scoring.engine.solve import NotConverged, solve
from tests.scoring.engine import worlds
from tests.spark import networks

SENT, EXCHANGED = 50_000_000, 0
COLUMNS = ("score", "drag", "lift", "phi")

Asked = Callable[..., tuple[Own, Solution]]


@pytest.fixture(params=[SENT, EXCHANGED], ids=["sent_to_all", "exchanged"])
def ask(request: pytest.FixtureRequest, answered: Asked) -> Asked:
    """The job, both ways."""
    return lambda *args, **options: answered(*args, broadcast_up_to=request.param, **options)


def same(there: tuple[Own, Solution], here: tuple[Own, Solution], within: float) -> None:
    """Every column of both, the unscored included."""
    (own, solution), (expected, exact) = there, here
    assert np.array_equal(own.scored, expected.scored)
    assert np.array_equal(own.counted, expected.counted)
    np.testing.assert_allclose(own.score, expected.score, rtol=0, atol=1e-9)
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(solution, name), getattr(exact, name), rtol=0, atol=within, err_msg=name)


@pytest.mark.parametrize("seed", range(6))
def test_random_worlds(ask: Asked, seed: int) -> None:
    """Half-lives, expiries and limits of all kinds; no shield; several ties to one person, some that wait; few ties."""
    rng = np.random.default_rng(seed)
    population, rules = worlds.random_population(rng, 80), worlds.random_rules(rng)
    influence, until = worlds.random_influence(rng), worlds.NOW + int(rng.integers(0, 2)) * 20 * worlds.DAY
    own = own_scores(population, rules, as_of=worlds.NOW, until=until)
    ties = population.ties.at(worlds.NOW, influence)
    here = own, solve(own.score, own.scored, ties, influence, tolerance=1e-7)
    there = ask(population, rules, influence, until=until, entries=150, tolerance=1e-6)
    same(there, here, within=2e-6)


def test_every_real_network(ask: Asked) -> None:
    """All in one question, as nobody of one knows anybody of another; each is solved alone here."""
    populations = [networks.population(name) for name in networks.PEOPLE]
    assert [len(population) for population in populations] == list(networks.PEOPLE.values())
    own, solution = ask(networks.together(populations), tolerance=0.001)
    assert solution.error_bound <= 0.001
    first = 0
    for population in populations:
        mine = own_scores(population, networks.RULES, as_of=worlds.NOW, until=worlds.NOW)
        exact = solve(mine.score, mine.scored, population.ties, networks.INFLUENCE, tolerance=1e-6)
        assert np.nanmax(np.abs(exact.network)) > 10  # there is something to get wrong
        part = slice(first, first + len(population))
        assert np.array_equal(own.score[part], mine.score, equal_nan=True)
        np.testing.assert_allclose(solution.score[part], exact.score, rtol=0, atol=0.001)
        first += len(population)


def test_no_score_is_further_off_than_certified(ask: Asked) -> None:
    population = networks.population("royal92-relations.csv.gz")
    own, solution = ask(population, tolerance=5.0)
    exact = reference.solve(worlds.as_list(own.score), population.ties, networks.INFLUENCE)
    off = worlds.farthest(solution.score, exact)
    assert 0.001 < off <= solution.error_bound <= 5.0


def test_a_bound_that_cannot_be_reached_is_not_pretended(ask: Asked) -> None:
    population = networks.population("florentine-marriage.txt.gz")
    with pytest.raises(NotConverged, match="still 0 points after"):
        ask(population, tolerance=-1.0)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_who_knows_nobody_has_their_own_score(ask: Asked, n: int) -> None:
    events = Events(np.arange(n + 1), np.zeros(n, np.int16), np.full(n, worlds.NOW), np.ones(n))
    alone = Ties(np.zeros(n + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0, np.float32))
    population = Population(events, alone, np.arange(n) < 2)
    own, solution = ask(population, worlds.random_rules(np.random.default_rng(5)), worlds.influence(k0=0.0))
    assert own.scored.sum() == min(n, 2)
    assert np.array_equal(solution.score, own.score, equal_nan=True)
