"""Our solver against sweeps of scipy's sparse matrix to the same certified bound, on populations that double.

python -m bench.engine            125,000 to 1,000,000 citizens
python -m bench.engine --quick    up to 50,000
"""

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
from scipy import sparse

from scoring.engine.fold import own_scores
from scoring.engine.model import REVERSE_ROLE, ROLES, Events, Floats, Influence, Mask, Population, Rules, Ties
from scoring.engine.solve import solve
from scoring.engine.update import update

TOLERANCE = 0.001
TIES_EACH = 10
EVENTS_EACH = 20
KINDS = 26
FULL = (125_000, 250_000, 500_000, 1_000_000)
QUICK = (12_500, 25_000, 50_000)
INFLUENCE = Influence(
    drag=0.35, lift=0.15, theta_drag=600, theta_lift=750, cap=80, k0=1, weight=np.array([3, 2, 1.5, 1.5, 1, 0.4, 0.3])
)
RULES = Rules(
    points=np.tile([12.0, -14.0], KINDS // 2),
    half_life_days=np.tile([365.0, np.inf], KINDS // 2),
    expiry_days=np.tile([np.inf, 730.0], KINDS // 2),
    most=np.full(KINDS, 60.0),
    dimension=np.arange(KINDS) % 5,
    room=np.full(5, 160.0),
    base=650.0,
    minimum_behaviours=3,
)
COLUMNS = ("citizens", "ties", "events", "fold", "solve", "scipy", "of it, matrix", "times faster", "update", "differ")

Result = TypeVar("Result")


class Row(NamedTuple):
    """Seconds, the best of three; `differ` is in points."""

    citizens: int
    ties: int
    events: int
    fold: float
    solve: float
    scipy: float
    matrix: float
    update: float
    differ: float

    def cells(self) -> list[str]:
        sizes = [f"{size:,}" for size in self[:3]]
        seconds = [f"{value * 1000:.1f} ms" for value in (self.fold, self.solve, self.scipy, self.matrix)]
        return [
            *sizes,
            *seconds,
            f"{self.scipy / self.solve:.1f}",
            f"{self.update * 1000:.1f} ms",
            f"{self.differ:.1e}",
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small populations only")
    sizes = QUICK if parser.parse_args().quick else FULL
    began = time.perf_counter()
    measured(1_000)
    print(f"First use, with whatever had to be compiled: {time.perf_counter() - began:.1f} s\n")
    _print_row(list(COLUMNS))
    _print_row(["---"] * len(COLUMNS))
    for citizens in sizes:
        _print_row(measured(citizens).cells())


def measured(n: int) -> Row:
    """All of it on one generated population of `n` citizens."""
    population = generated(np.random.default_rng(n), n)
    fold, own = _timed(lambda: own_scores(population, RULES))
    frontier, solution = _timed(lambda: solve(own.score, own.scored, population.ties, INFLUENCE, tolerance=TOLERANCE))
    matrix, shares = _timed(lambda: shares_of(own.scored, population.ties, INFLUENCE))
    sweeps, scores = _timed(lambda: swept(own.score, own.scored, shares, INFLUENCE))
    somebody = int(np.flatnonzero(own.scored)[0])
    after = own.score.copy()
    after[somebody] = INFLUENCE.floor
    updating, _ = _timed(lambda: update(solution, np.array([somebody]), after, own.scored, population.ties, INFLUENCE))
    differ = float(np.nanmax(np.abs(scores - solution.score), initial=0.0))
    events, ties = len(population.events.kind), len(population.ties.other)
    return Row(n, ties, events, fold, frontier, matrix + sweeps, matrix, updating, differ)


def generated(rng: np.random.Generator, n: int) -> Population:
    """Ties drawn with a preference for few people, as in real networks; behaviours of two and a half years."""
    pairs, m = n * TIES_EACH // 2, n * EVENTS_EACH
    a, b = rng.integers(0, n, pairs), (n * rng.random(pairs) ** 1.5).astype(np.int64)
    a, b = a[a != b], b[a != b]
    role = rng.integers(0, len(ROLES), len(a))
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(rng.multinomial(m, np.full(n, 1 / n)), out=indptr[1:])
    return Population(
        Events(indptr, rng.integers(0, KINDS, m).astype(np.int32), rng.uniform(0, 900, m), rng.uniform(0, 2, m)),
        Ties.from_pairs(n, a, b, role, REVERSE_ROLE[role], 1 - rng.random(len(a))),
        rng.random(n) < 0.97,
    )


def shares_of(scored: Mask, ties: Ties, influence: Influence) -> sparse.csr_array:
    """a_ij as scipy's sparse matrix."""
    m = ties.strength * influence.weight[ties.role] * scored[ties.other]
    matrix = sparse.csr_array((m, ties.other, ties.indptr), shape=(len(scored), len(scored)))
    total = influence.k0 + matrix.sum(axis=1)
    matrix.data /= np.repeat(np.where(total > 0, total, 1.0), np.diff(ties.indptr))
    return matrix


def swept(own: Floats, scored: Mask, shares: sparse.csr_array, influence: Influence) -> Floats:
    """The same fixed point by whole sweeps, to the same certified bound."""
    score = own
    while True:
        there = np.nan_to_num(score, nan=influence.theta_drag)
        phi = influence.lift * np.maximum(0, there - influence.theta_lift)
        phi -= influence.drag * np.maximum(0, influence.theta_drag - there)
        pull = np.clip(shares @ phi, -influence.cap, influence.cap)
        after = np.clip(own + pull, influence.floor, influence.ceiling)
        residual = np.nanmax(np.abs(after - score))
        score = after
        if residual / (1 - influence.modulus) <= TOLERANCE:
            return score


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    best = np.inf
    for _ in range(3):
        began = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - began)
    return best, result


def _print_row(cells: list[str]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
