"""Whoever is compared answers rightly: the same scores as the readable reference, the same PageRank as an exact one."""

from collections.abc import Iterator
from importlib import import_module

import numpy as np
import pytest

from bench.cases import TOLERANCE, WHO_RADIATES, Case, drawn
from bench.peers.peer import Answer, Peer, exact_pagerank
from bench.sections import folding
from scoring.engine import reference
from sesame_site.kit.database.dsn import libpq_uri

CASES = dict(zip(WHO_RADIATES, drawn(250), strict=True))


def answer_of(name: str, case: Case) -> Answer:
    """Skips the test where the peer's packages are not installed."""
    if name not in ("sesame", "scipy", "postgresql"):
        pytest.importorskip(name, reason="make bench installs it")
    peer: Peer = import_module(f"bench.peers.{name}").PEER
    return peer.solve(case, peer.prepare(case))


@pytest.mark.parametrize("who", CASES)
@pytest.mark.parametrize("name", ["sesame", "scipy", "graphblas"])
def test_scores_are_those_of_the_reference_within_the_bound_that_is_claimed(name: str, who: str) -> None:
    case = CASES[who]
    answer = answer_of(name, case)
    exact = reference.solve([None if np.isnan(own) else own for own in case.own], case.ties, case.influence)
    expected = np.array([np.nan if score is None else score for score in exact])
    assert np.array_equal(np.isnan(answer.score), np.isnan(expected))
    assert answer.bound is not None
    assert np.nanmax(np.abs(answer.score - expected)) <= answer.bound + 1e-8 <= TOLERANCE + 1e-8


@pytest.fixture
def server(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The peer uses the database of the tests, and lets go of it."""
    from bench.peers import postgresql

    monkeypatch.setenv("DATABASE_URL", libpq_uri())
    yield
    postgresql.connection().close()
    postgresql.connection.cache_clear()


@pytest.mark.parametrize("who", CASES)
@pytest.mark.usefixtures("server")
def test_plain_sql_gives_the_scores_that_scipy_gives(who: str) -> None:
    plain, other = answer_of("postgresql", CASES[who]), answer_of("scipy", CASES[who])
    assert plain.sweeps == other.sweeps
    np.testing.assert_allclose(plain.score, other.score, atol=1e-9)


@pytest.mark.parametrize("name", ["networkit", "igraph", "networkx"])
def test_references_give_the_exact_pagerank(name: str) -> None:
    case = CASES["all radiate"]
    score = answer_of(name, case).score
    assert np.abs(score / score.sum() - exact_pagerank(case)).sum() < 1e-5


def test_numpy_folds_behaviours_as_the_reference_does() -> None:
    population = folding.drawn(60)
    own = folding.by_numpy(population, folding.RULES, folding.NOW)
    expected = reference.own_scores(population, folding.RULES, as_of=folding.NOW)
    np.testing.assert_allclose(own.score, [np.nan if score is None else score for score in expected], atol=1e-9)
