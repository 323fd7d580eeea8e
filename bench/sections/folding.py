"""Own scores from behaviours: one pass in compiled code, the same with numpy's arrays, and reading the columns."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from bench import floor
from bench.cases import SEED
from bench.progress import say
from bench.rounds import Timed, interleaved, rounded, spread, timed
from scoring.engine.arrays import Floats, Ints
from scoring.engine.fold import own_scores
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import Events, Own, Population, Rules
from scoring.engine.scale import MICROSECONDS_PER_DAY

NOW = 1_500_000_000_000_000
EVENTS_EACH = 20
SIZES, QUICK = (125_000, 250_000, 500_000, 1_000_000), (25_000, 50_000)
KINDS = 24
RULES = Rules(
    points=np.tile([12.0, -14.0], KINDS // 2),
    half_life_days=np.tile([365.0, np.inf, 180.0, 270.0], KINDS // 4),
    expiry_days=np.tile([np.inf, 730.0], KINDS // 2),
    most=np.full(KINDS, 60.0),
    dimension=np.arange(KINDS) % 5,
    room=np.full(5, 160.0),
    base=650.0,
    minimum_behaviours=3,
)


def measured(*, rounds: int, quick: bool = False, large: bool = False) -> dict[str, Any]:
    return {"rules": KINDS, "rows": [row for n in (QUICK if quick else SIZES) for row in compared(n, rounds)]}


def compared(n: int, rounds: int) -> Iterator[dict[str, Any]]:
    population = drawn(n)
    events = population.events
    say(f"fold: {n:,} citizens, {len(events.kind):,} behaviours: Sesame, numpy")
    ways = {
        "Sesame": partial(timed, partial(own_scores, population, RULES, as_of=NOW)),
        "numpy": partial(timed, partial(by_numpy, population, RULES, NOW)),
        "one read of the behaviours": partial(
            timed, partial(floor.read, (events.kind, events.occurred, events.amount))
        ),
    }
    about = {"citizens": n, "behaviours": len(events.kind)}
    results = interleaved(ways, rounds)
    judge = results["Sesame"][0].result
    for name, done in results.items():
        yield about | {"peer": name} | spread([one.seconds for one in done]) | agreement(done, judge)


def agreement(done: list[Timed], judge: Own) -> dict[str, float]:
    """In points; nothing for what is only read."""
    if not isinstance(done[0].result, Own):
        return {}
    same = all(np.array_equal(one.result.scored, judge.scored) for one in done)
    worst = max(float(np.nanmax(np.abs(one.result.score - judge.score))) for one in done)
    return {"differ": rounded(worst) if same else float("inf")}


def drawn(n: int) -> Population:
    """Two and a half years of behaviours, and no ties."""
    rng, m = np.random.default_rng([SEED, n]), n * EVENTS_EACH
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(rng.multinomial(m, np.full(n, 1 / n)), out=indptr[1:])
    occurred = NOW - rng.integers(0, int(900 * MICROSECONDS_PER_DAY), m)
    events = Events(indptr, rng.integers(0, KINDS, m, dtype=np.int16), occurred, rng.uniform(0, 2, m))
    nobody = np.empty(0, np.int64)
    return Population(events, ties_from_pairs(n, *[nobody] * 5), rng.random(n) < 0.97)


def by_numpy(population: Population, rules: Rules, as_of: int) -> Own:
    """The same formulas over whole arrays, summed with bincount."""
    events, n, kinds = population.events, len(population), len(rules.points)
    citizen = np.repeat(np.arange(n), np.diff(events.indptr))
    age = (as_of - events.occurred) / MICROSECONDS_PER_DAY
    counts = (age >= 0) & (age <= rules.expiry_days[events.kind])
    worth = np.where(counts, events.amount * np.exp2(-age / rules.half_life_days[events.kind]), 0)
    x = np.bincount(citizen * kinds + events.kind, worth, n * kinds).reshape(n, kinds)
    contribution = np.clip(rules.points * x, -rules.most, rules.most)
    counted = np.bincount(citizen, counts, n).astype(np.int64)
    score = np.clip(rules.base + moved(contribution, rules), rules.floor, rules.ceiling)
    scored = population.eligible & (counted >= rules.minimum_behaviours)
    return Own(np.where(scored, score, np.nan), scored, counted)


def moved(contribution: Floats, rules: Rules) -> Floats:
    """What the dimensions give together."""
    of_dimension: Ints = rules.dimension[:, None] == np.arange(len(rules.room))
    return np.clip(contribution @ of_dimension.astype(np.float64), -rules.room, rules.room).sum(axis=1)
