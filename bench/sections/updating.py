"""What a few changes do: the scores brought up to date, against solving anew; then the two compared."""

import statistics
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from bench.cases import SEED, TOLERANCE, Case, drawn
from bench.progress import say
from bench.rounds import interleaved, rounded, spread, timed
from bench.standing import EVERYBODY
from scoring.engine.model import Solution
from scoring.engine.solve import solve
from scoring.engine.update import update

SIZE, QUICK = 1_000_000, 50_000
CHANGED = (1, 200)
MOVED = 30.0
# Of each number of changes in each round: one update is too short to be told from noise.
EACH = 5


class Live:
    """A population whose own scores change and whose scores follow, one update after the other."""

    def __init__(self, case: Case) -> None:
        self.case, self.own = case, case.own.copy()
        self.rng = np.random.default_rng([SEED, len(case)])
        self.rows: dict[str, list[int]] = {}
        self.solution = self.solved_anew()

    def solved_anew(self) -> Solution:
        return solve(self.own, self.case.scored, self.case.ties, self.case.influence, tolerance=TOLERANCE)

    def brought_up_to_date_often(self, count: int) -> list[float]:
        return [self.brought_up_to_date(count) for _ in range(EACH)]

    def brought_up_to_date(self, count: int) -> float:
        """Seconds of an update after `count` citizens, drawn, got up to 30 points more or less."""
        case = self.case
        changed = np.sort(self.rng.choice(np.flatnonzero(case.scored), count, replace=False))
        moved = self.own[changed] + self.rng.uniform(-MOVED, MOVED, count)
        self.own[changed] = np.clip(moved, case.influence.floor, case.influence.ceiling)
        arguments = (self.solution, changed, self.own, case.scored, case.ties, case.influence)
        done = timed(partial(update, *arguments, tolerance=TOLERANCE))
        self.solution = done.result.solution
        self.rows.setdefault(str(count), []).append(len(done.result.moved))
        return done.seconds


def measured(*, rounds: int, quick: bool = False, large: bool = False) -> dict[str, Any]:
    return {"rows": [row for case in drawn(QUICK if quick else SIZE) for row in compared(case, rounds)]}


def compared(case: Case, rounds: int) -> Iterator[dict[str, Any]]:
    """A row for each number of changes, and one for a full solve."""
    say(f"update: {case.words}: " + ", ".join(f"{count} changed" for count in CHANGED))
    live = Live(case)
    ways: dict[str, Any] = {str(count): partial(live.brought_up_to_date_often, count) for count in CHANGED}
    ways[EVERYBODY] = lambda: [timed(live.solved_anew).seconds]
    results = interleaved(ways, rounds)
    differ = rounded(float(np.nanmax(np.abs(live.solution.score - live.solved_anew().score))))
    about = {"who": case.who, "citizens": len(case), "ties": len(case.ties.other), "differ": differ}
    for changed, seconds in results.items():
        rows = live.rows.get(changed, [len(case)])
        row = about | {"changed": changed, "rows": int(statistics.median(rows))}
        yield row | spread([one for part in seconds for one in part])
