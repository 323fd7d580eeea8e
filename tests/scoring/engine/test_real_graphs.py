"""Real networks, whose degrees no generator gets right: fast and reference agree on them."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from scoring.engine import reference
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, Ties
from scoring.engine.solve import solve
from scoring.engine.update import update
from tests.scoring.engine import worlds

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real networks are not beside the repository (../shared/data)"
)


def network(name: str) -> tuple[int, Ties]:
    """Every pair once, without ties to oneself, as ties of drawn kinds and strengths."""
    with gzip.open(DATA / name, "rt") as file:
        pairs = np.loadtxt(file, dtype=np.int64, comments="#", usecols=(0, 1))
    _, pairs = np.unique(pairs, return_inverse=True)
    pairs = np.sort(pairs.reshape(-1, 2), axis=1)
    a, b = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).T
    rng = np.random.default_rng(2017)
    role = rng.integers(0, len(ROLES), len(a))
    n = int(max(a.max(), b.max())) + 1
    return n, ties_from_pairs(n, a, b, role, REVERSE_ROLE[role], 1 - rng.random(len(a)))


@pytest.mark.parametrize(
    ("name", "people", "pairs"), [("ego-facebook.txt.gz", 4_039, 88_234), ("email-enron.txt.gz", 36_692, 183_831)]
)
def test_as_the_reference(name: str, people: int, pairs: int) -> None:
    n, ties = network(name)
    assert (n, len(ties.other)) == (people, 2 * pairs)
    rng = np.random.default_rng(1)
    scored = rng.random(n) < 0.95
    own = np.where(scored, np.clip(rng.normal(630, 90, n), 350, 950), np.nan)
    solution = solve(own, scored, ties, worlds.influence())
    exact = reference.solve(worlds.as_list(own), ties, worlds.influence(), tolerance=1e-7)
    assert worlds.farthest(solution.score, exact) <= solution.error_bound + 1e-6
    busiest = int(np.argmax(np.diff(ties.indptr)))
    own[busiest], scored[busiest] = 350.0, True
    after = update(solution, np.array([busiest]), own, scored, ties, worlds.influence()).solution
    anew = solve(own, scored, ties, worlds.influence(), tolerance=1e-6)
    assert worlds.farthest(after.score, worlds.as_list(anew.score)) <= after.error_bound + anew.error_bound + 1e-9
