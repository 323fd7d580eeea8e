"""One rule set solved on one snapshot, in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.engine.fold import own_scores
from scoring.engine.model import Own, Solution, Ties, published
from scoring.engine.solve import solve
from scoring.models import RuleSet, Run
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import Snapshot
from sesame_site.kit.moments import microseconds


@dataclass(frozen=True)
class Solved:
    """Arrays over the citizens of the snapshot, in its order. Published numbers are -1, points NaN for the unscored.

    `ties` are as they weigh at the moment that is solved for.
    """

    own: Own
    ties: Ties
    solution: Solution
    own_published: NDArray[np.int16]
    published: NDArray[np.int16]


def moments(snapshot: Snapshot, run: Run | None) -> tuple[int, int]:
    """(as of when behaviours fade, until when they count), in microseconds since 1970: now, or as in a run's scores."""
    now = snapshot.known_at
    as_of, until = (run.as_of, run.latest(now)) if run else (now, now)
    return microseconds(as_of), microseconds(until)


def solved(rule_set: RuleSet, snapshot: Snapshot, run: Run | None = None) -> Solved:
    """Own and published scores of everybody under `rule_set`, as of now, or of a run as live updates keep its scores.

    Raises ValueError if the weights are not valid.
    """
    as_of, until = moments(snapshot, run)
    own = own_scores(snapshot.population, rules_of(rule_set, snapshot.type_ids), as_of=as_of, until=until)
    influence = influence_of(rule_set)
    ties = snapshot.population.ties.at(as_of, influence)
    solution = solve(own.score, own.scored, ties, influence)
    return Solved(own, ties, solution, published(own.score), published(solution.score))
