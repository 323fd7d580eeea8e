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


def solved(rule_set: RuleSet, snapshot: Snapshot) -> Solved:
    """Own and published scores of everybody under `rule_set`. Raises ValueError if its weights are not valid."""
    rules = rules_of(rule_set, snapshot.type_ids)
    own = own_scores(snapshot.population, rules, as_of=microseconds(snapshot.known_at))
    solution = solve(own.score, own.scored, snapshot.population.ties, influence_of(rule_set))
    return Solved(own, solution, published(own.score), published(solution.score))
