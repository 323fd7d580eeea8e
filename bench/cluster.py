"""The Spark engine beside the local one, on populations that grow: where does leaving one machine begin to pay?

python -m bench.cluster                                  10,000 to 1,000,000 citizens, φ sent to all and exchanged
python -m bench.cluster --citizens 10000000 --times 1    another size
python -m bench.cluster --master spark://host:7077       on a cluster (default: both processors of this machine)

Needs what requirements/spark.txt installs, and Java 17.
"""

import argparse
import json
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scoring.engine.cluster.question import BROADCAST_UP_TO
from scoring.engine.cluster.submit import solve_on_cluster
from scoring.engine.fold import own_scores
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, Events, Influence, Own, Population, Rules, Solution
from scoring.engine.scale import MICROSECONDS_PER_DAY
from scoring.engine.solve import solve

SIZES = (10_000, 100_000, 1_000_000)
WAYS = {"sent": BROADCAST_UP_TO, "exchanged": 0}
TIES_EACH, EVENTS_EACH, KINDS = 10, 20, 26
NOW = 1_500_000_000_000_000
TOLERANCE = 0.001
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

Scores = tuple[Own, Solution]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--citizens", type=int, nargs="+", default=SIZES)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--master", default="local[2]")
    options = parser.parse_args()
    logging.getLogger("scoring.engine.cluster").addHandler(last_job)
    logging.getLogger("scoring.engine.cluster").setLevel(logging.INFO)
    for n in options.citizens:
        compare(n, options.ways, options.master, options.times)


def compare(n: int, ways: list[str], master: str, times: int) -> None:
    """The local engine and each way of the other on one population of `n` citizens."""
    population = drawn(np.random.default_rng(n), n)
    sizes = {"citizens": n, "ties": len(population.ties.other), "events": len(population.events.kind)}
    seconds, scores = timed(partial(here, population), 2 * times + 1)
    report(sizes, engine="local", seconds=seconds)
    for way in ways:
        seconds, others = timed(partial(there, population, master, WAYS[way]), times)
        off = differ(scores, others)
        report(sizes, engine=way, seconds=seconds, job=last_job.seconds, rounds=others[1].rounds, differ=off)


def report(sizes: dict[str, int], **measured: Any) -> None:
    """One line, as JSON; `load` is that of the machine in the last minute."""
    print(json.dumps(sizes | measured | {"load": os.getloadavg()[0]}), flush=True)


def here(population: Population) -> Scores:
    own = own_scores(population, RULES, as_of=NOW, until=NOW)
    return own, solve(own.score, own.scored, population.ties, INFLUENCE, tolerance=TOLERANCE)


def there(population: Population, master: str, broadcast_up_to: int) -> Scores:
    with tempfile.TemporaryDirectory(dir=os.environ.get("SESAME_VAR"), prefix="bench-") as folder:
        moments = {"as_of": NOW, "until": NOW, "tolerance": TOLERANCE}
        where = {"master": master, "folder": Path(folder, "run"), "broadcast_up_to": broadcast_up_to}
        return solve_on_cluster(population, RULES, INFLUENCE, **moments, **where)


def differ(one: Scores, other: Scores) -> float:
    """In points."""
    return float(np.nanmax(np.abs(one[1].score - other[1].score), initial=0.0))


def timed(work: Callable[[], Scores], times: int) -> tuple[float, Scores]:
    """The median, and what came of it."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    return round(statistics.median(seconds), 3), result


class LastJob(logging.Handler):
    """Keeps the seconds of the last job, without those of starting Spark, writing the population and reading scores."""

    seconds = 0.0

    def emit(self, record: Any) -> None:
        self.seconds = round(record.seconds, 3)


last_job = LastJob()


def drawn(rng: np.random.Generator, n: int) -> Population:
    """Ties drawn with a preference for few people, as in real networks; behaviours of two and a half years."""
    pairs, m = n * TIES_EACH // 2, n * EVENTS_EACH
    a, b = rng.integers(0, n, pairs), (n * rng.random(pairs) ** 1.5).astype(np.int64)
    a, b = a[a != b], b[a != b]
    role = rng.integers(0, len(ROLES), len(a))
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(rng.multinomial(m, np.full(n, 1 / n)), out=indptr[1:])
    occurred = NOW - rng.integers(0, int(900 * MICROSECONDS_PER_DAY), m)
    events = Events(indptr, rng.integers(0, KINDS, m, dtype=np.int16), occurred, rng.uniform(0, 2, m))
    strength = (1 - rng.random(len(a))).astype(np.float32)
    return Population(events, ties_from_pairs(n, a, b, role, REVERSE_ROLE[role], strength), rng.random(n) < 0.97)


if __name__ == "__main__":
    main()
