"""Small populations for the tests of the engine: drawn from a seed, or written down by hand."""

from collections.abc import Sequence

import numpy as np

from scoring.engine import scale
from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import (
    LONG_AGO,
    REVERSE_ROLE,
    ROLES,
    Events,
    Influence,
    Population,
    Rules,
    Ties,
    full_minutes,
)

KINDS = 6
# The moment these populations are scored at, in microseconds since 1970.
NOW = 1_500_000_000_000_000
DAY = int(scale.MICROSECONDS_PER_DAY)


def ties_of(n: int, pairs: list[tuple[int, int, str, float]]) -> Ties:
    """From (a, b, what b is to a, strength)."""
    a, b = (np.array([pair[place] for pair in pairs], np.int64) for place in (0, 1))
    role = np.array([ROLES.index(pair[2]) for pair in pairs], np.int64)
    return ties_from_pairs(n, a, b, role, REVERSE_ROLE[role], np.array([pair[3] for pair in pairs], np.float64))


def days_ago(days: Sequence[float] | Floats) -> Ints:
    """When something occurred that is so many days old at NOW."""
    return NOW - np.round(np.asarray(days, np.float64) * DAY).astype(np.int64)


def events_of(people: list[list[tuple[int, float, float]]]) -> Events:
    """From (kind, age in days, amount) triples of each citizen."""
    rows = [event for events in people for event in events]
    return Events(
        indptr=np.cumsum([0, *(len(events) for events in people)]).astype(np.int64),
        kind=np.array([row[0] for row in rows], np.int16),
        occurred=days_ago([row[1] for row in rows]),
        amount=np.array([row[2] for row in rows], np.float64),
    )


def influence(**changes: object) -> Influence:
    """Drag and lift both on."""
    values = {"drag": 0.4, "lift": 0.3, "theta_drag": 600.0, "theta_lift": 650.0, "cap": 80.0, "k0": 1.0}
    return Influence(**(values | {"weight": np.array([3, 2, 1.5, 1.5, 1, 0.4, 0.3])} | changes))


def random_rules(rng: np.random.Generator) -> Rules:
    """Half-lives, expiries, limits narrow and wide, and one behaviour type without a rule."""
    return Rules(
        points=rng.normal(0, 40, KINDS),
        half_life_days=rng.choice([5.0, 90.0, 400.0, np.inf], KINDS),
        expiry_days=rng.choice([30.0, 365.0, np.inf], KINDS),
        most=rng.choice([0.0, 20.0, 150.0], KINDS),
        dimension=np.array([0, 0, 1, 1, 2, -1]),
        room=rng.choice([0.0, 30.0, 250.0], 3),
        base=float(rng.uniform(350, 950)),
        minimum_behaviours=int(rng.integers(0, 4)),
    )


def random_influence(rng: np.random.Generator) -> Influence:
    """Weak to nearly 1; a cap that bites and one that does not; with and without a shield."""
    theta = np.sort(rng.uniform(350, 950, 2))
    return Influence(
        drag=float(rng.uniform(0, 0.97)),
        lift=float(rng.uniform(0, 0.97)),
        theta_drag=float(theta[0]),
        theta_lift=float(theta[1]),
        cap=float(rng.choice([0.0, 5.0, 60.0, 600.0])),
        k0=float(rng.choice([0.0, 0.0, 1.0, 5.0])),
        weight=rng.choice([0.0, 0.3, 1.0, 3.0], len(ROLES)),
        least_ties=int(rng.choice([1, 1, 2, 3])),
        tie_wait=float(rng.choice([0.0, 0.5, 30.0])),
    )


def random_ties(rng: np.random.Generator, n: int, pairs: int) -> Ties:
    """Some people without any, some with several to one person; some of unknown age, some that began just now."""
    a, b = rng.integers(0, n, pairs), rng.integers(0, n, pairs)
    a, b = a[a != b], b[a != b]
    role = rng.integers(0, len(ROLES), len(a))
    began = full_minutes(days_ago(rng.choice([-1.0, 0.0, 0.5, 30.0, *rng.uniform(0, 60, 4)], len(a))))
    since = np.where(rng.random(len(a)) < 0.3, LONG_AGO, began)
    return ties_from_pairs(n, a, b, role, REVERSE_ROLE[role], 1 - rng.random(len(a)), since)


def random_population(rng: np.random.Generator, n: int) -> Population:
    """Ages from the future to long expired; some not eligible; one nobody knows anything about."""
    counts = rng.integers(0, 9, n)
    counts[rng.integers(0, n)] = 0
    m = int(counts.sum())
    return Population(
        events=Events(
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            kind=rng.integers(0, KINDS, m).astype(np.int16),
            occurred=days_ago(rng.choice([-1.0, 0.0, 30.0, *rng.uniform(-20, 800, 6)], m)),
            amount=rng.choice([0.0, *rng.uniform(-1, 3, 5)], m),
        ),
        ties=random_ties(rng, n, int(rng.integers(0, 4 * n))),
        eligible=rng.random(n) < 0.85,
    )


def random_own(rng: np.random.Generator, n: int) -> tuple[Floats, Mask]:
    """Own scores over the whole range, and who is scored."""
    scored = rng.random(n) < 0.9
    return np.where(scored, rng.uniform(350, 950, n), np.nan), scored


def as_list(scores: Floats) -> list[float | None]:
    """As the reference takes them: None for the unscored."""
    return [None if np.isnan(score) else float(score) for score in scores]


def farthest(scores: Floats, expected: list[float | None]) -> float:
    """The largest difference, in points; the same must be scored in both."""
    assert [score is None for score in expected] == np.isnan(scores).tolist()
    return max((abs(x - y) for x, y in zip(scores, expected, strict=True) if y is not None), default=0.0)


def same(one: Floats, other: Floats) -> bool:
    """Bit for bit, the unscored included."""
    return one.tobytes() == other.tobytes()


def without(ties: Ties, citizen: int) -> Ties:
    """The ties of everybody after one citizen has ended all of theirs."""
    one = np.repeat(np.arange(len(ties.indptr) - 1), np.diff(ties.indptr))
    return kept(ties, (one != citizen) & (ties.other != citizen))


def kept(ties: Ties, mask: Mask) -> Ties:
    """Only the directed ties where `mask` holds."""
    indptr: Ints = np.concatenate([[0], np.cumsum(mask)])[ties.indptr].astype(np.int64)
    return Ties(indptr, ties.other[mask], ties.role[mask], ties.strength[mask])
