"""The real networks beside the repository, each as a population with drawn conduct."""

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from scoring.engine.arrays import Ints
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, Events, Influence, Population, Rules, Ties
from tests.scoring.engine.worlds import DAY, NOW

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PEOPLE = {
    "ego-facebook.txt.gz": 4_039,
    "email-enron.txt.gz": 36_692,
    "soc-slashdot0902.csv.gz": 82_168,
    "royal92-relations.csv.gz": 3_007,
    "soc-sign-bitcoin-otc.csv.gz": 5_881,
    "florentine-marriage.txt.gz": 15,
}
KINDS = 8
RULES = Rules(
    points=np.tile([14.0, -16.0], KINDS // 2),
    half_life_days=np.tile([365.0, np.inf], KINDS // 2),
    expiry_days=np.tile([np.inf, 730.0], KINDS // 2),
    most=np.full(KINDS, 70.0),
    dimension=np.array([0, 0, 1, 1, 2, 2, 3, -1]),
    room=np.full(4, 120.0),
    base=630.0,
    minimum_behaviours=3,
)
INFLUENCE = Influence(
    drag=0.45, lift=0.3, theta_drag=600, theta_lift=700, cap=80, k0=1, weight=np.array([3, 2, 1.5, 1.5, 1, 0.4, 0.3])
)


def population(name: str) -> Population:
    """Everybody in a file, and what the links in it make of them; the same every time."""
    links = list(_links(name))
    names, ends = np.unique([end for _, *pair in links for end in pair], return_inverse=True)
    a, b = ends.reshape(-1, 2).T
    rng = np.random.default_rng(2017)
    roles = [ROLES.index(role) if role in ROLES else int(rng.integers(4, len(ROLES))) for role, _, _ in links]
    once = _once(a, b)
    pair = a[once], b[once], REVERSE_ROLE[np.array(roles)[once]], np.array(roles)[once]
    strength = (1 - rng.random(len(once))).astype(np.float32)
    n = len(names)
    return Population(_conduct(rng, n), ties_from_pairs(n, *pair, strength), rng.random(n) < 0.96)


def together(populations: Sequence[Population]) -> Population:
    """Populations side by side, of which nobody knows anybody of another."""
    shifts = np.cumsum([0, *map(len, populations)])
    others = [one.ties.other + shift for one, shift in zip(populations, shifts, strict=False)]
    return Population(
        Events(*_joined([one.events for one in populations], "kind", "occurred", "amount")),
        replace(
            Ties(*_joined([one.ties for one in populations], "other", "role", "strength")),
            other=np.concatenate(others).astype(np.int32),
        ),
        np.concatenate([one.eligible for one in populations]),
    )


def _joined(parts: Sequence[Any], *names: str) -> list[Any]:
    rows = np.concatenate([np.diff(part.indptr) for part in parts])
    return [
        np.concatenate([[0], np.cumsum(rows)]),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names),
    ]


def _links(name: str) -> Iterator[tuple[str, str, str]]:
    """(what the first is to the second, the first, the second); the first word only where the file tells."""
    with gzip.open(DATA / name, "rt") as file:
        for line in file:
            words = re.split(r"[,\s]+", line.strip())
            if words[0] in ("spouse", "parent"):
                yield words[0].replace("spouse", "partner"), words[1], words[2]
            elif words[0] not in ("#", "type"):
                yield "", words[0], words[1]


def _once(a: Ints, b: Ints) -> Ints:
    """Where each pair of two different people first stands."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    _, first = np.unique(low * (high.max() + 1) + high, return_index=True)
    return first[a[first] != b[first]]


def _conduct(rng: np.random.Generator, n: int) -> Events:
    """Up to three years of it, some yet to come, and the well behaved apart from the others."""
    counts = rng.poisson(12, n)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    bad = np.repeat(rng.random(n) < 0.3, counts)
    kind = 2 * rng.integers(0, KINDS // 2, len(bad)) + (rng.random(len(bad)) < np.where(bad, 0.8, 0.3))
    occurred = NOW - rng.integers(-30 * DAY, 1_000 * DAY, len(bad))
    return Events(indptr, kind.astype(np.int16), occurred, rng.uniform(0, 2, len(bad)))
