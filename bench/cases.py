"""What is solved: own scores, ties and weights, on graphs that are drawn and on real ones; the same every time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, Influence, Ties
from scoring.engine.scale import CEILING, FLOOR

SEED = 2017
TOLERANCE = 0.001
PAIRS_EACH = 5
DATA = Path(os.environ.get("BENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
# Delimiter, lines to skip, and the two columns that name the ends.
REAL = {
    "royal92 family tree": ("royal92-relations.csv.gz", ",", 1, (1, 2)),
    "ego-Facebook": ("ego-facebook.txt.gz", None, 0, (0, 1)),
    "Bitcoin OTC": ("soc-sign-bitcoin-otc.csv.gz", ",", 0, (0, 1)),
    "e-mail Enron": ("email-enron.txt.gz", None, 0, (0, 1)),
    "Slashdot": ("soc-slashdot0902.csv.gz", ",", 0, (0, 1)),
}
WHO_RADIATES = {"few radiate": (0.05, 0.95), "all radiate": (0.5, 0.5)}
# As in the rule set "Open Sesame 2017".
WEIGHTS = {"drag": 0.6, "lift": 0.3, "cap": 60.0, "k0": 1.5}
ROLE_WEIGHT = np.array([3.0, 2.0, 1.5, 1.5, 1.0, 0.4, 0.3])


@dataclass(frozen=True)
class Case:
    """One question that every peer answers. `own` is NaN for the unscored."""

    graph: str
    who: str
    own: Floats
    scored: Mask
    ties: Ties
    influence: Influence

    def __len__(self) -> int:
        return len(self.own)

    @property
    def words(self) -> str:
        return f"{self.graph}, {len(self):,} citizens, {self.who}"

    @cached_property
    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """(a, b, strength) of every tie once, for those who keep graphs without directions."""
        row = np.repeat(np.arange(len(self)), np.diff(self.ties.indptr))
        once = row < self.ties.other
        return row[once], self.ties.other[once].astype(np.int64), self.ties.strength[once].astype(np.float64)


def drawn(n: int) -> Iterator[Case]:
    """Ties drawn with a preference for few people, as in real networks, about ten for each."""
    rng = np.random.default_rng([SEED, n])
    ends = rng.integers(0, n, n * PAIRS_EACH), (n * rng.random(n * PAIRS_EACH) ** 1.5).astype(np.int64)
    return questions("drawn", n, once_each(n, *ends), rng)


def real(name: str) -> Iterator[Case]:
    """A real graph, with roles, strengths and own scores drawn. Raises OSError if its file is not there."""
    file, delimiter, skipped, columns = REAL[name]
    rows: Any = {"delimiter": delimiter, "skiprows": skipped, "usecols": columns, "dtype": np.int64}
    names, ends = np.unique(np.loadtxt(DATA / file, **rows), return_inverse=True)
    a, b = ends.reshape(-1, 2).T
    return questions(name, len(names), once_each(len(names), a, b), np.random.default_rng([SEED, len(names)]))


def once_each(n: int, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Every pair of two different people once."""
    pairs = np.unique(np.minimum(a, b) * n + np.maximum(a, b))
    low, high = pairs // n, pairs % n
    return low[low != high], high[low != high]


def questions(graph: str, n: int, pairs: tuple[Ints, Ints], rng: np.random.Generator) -> Iterator[Case]:
    """One case for each answer to who radiates, by thresholds set at quantiles of the own scores."""
    role = rng.integers(0, len(ROLES), len(pairs[0]))
    strength = (1 - rng.random(len(role))).astype(np.float32)
    ties = ties_from_pairs(n, *pairs, role, REVERSE_ROLE[role], strength)
    scored = rng.random(n) < 0.97
    own = np.where(scored, np.clip(rng.normal(640, 80, n), FLOOR, CEILING), np.nan)
    for who, quantiles in WHO_RADIATES.items():
        low, high = np.nanquantile(own, quantiles).round(1)
        influence = Influence(theta_drag=float(low), theta_lift=float(high), weight=ROLE_WEIGHT, **WEIGHTS)
        yield Case(graph, who, own, scored, ties, influence)
