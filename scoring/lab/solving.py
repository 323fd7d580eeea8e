"""One rule set solved on one snapshot, in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.engine.fold import own_scores
from scoring.engine.model import Own, Solution, published
from scoring.engine.solve import solve
from scoring.models import RuleSet
from scoring.snapshot import Snapshot, microseconds
from scoring.weights import influence_of, rules_of


@dataclass(frozen=True)
class Solved:
    """Arrays over the citizens of the snapshot, in its order. Published numbers are -1, points NaN for the unscored."""

    own: Own
    solution: Solution
    own_published: NDArray[np.int16]
    published: NDArray[np.int16]


def solved(rule_set: RuleSet, snapshot: Snapshot, *, as_of: int | None = None, until: int | None = None) -> Solved:
    """Own and published scores of everybody under `rule_set`, as of the snapshot's own moment if no other is given.

    Moments as in `own_scores`. Raises ValueError if the weights are not valid.
    """
    rules = rules_of(rule_set, snapshot.type_ids)
    moment = microseconds(snapshot.known_at) if as_of is None else as_of
    own = own_scores(snapshot.population, rules, as_of=moment, until=until)
    solution = solve(own.score, own.scored, snapshot.population.ties, influence_of(rule_set))
    return Solved(own, solution, published(own.score), published(solution.score))
