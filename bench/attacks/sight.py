"""What the attacker sees of a network effect, with the guard and without, and what can be worked out from it."""

from dataclasses import dataclass

import numpy as np

from bench.attacks.towns import Town
from scoring.engine.arrays import Floats
from scoring.engine.model import Influence, Solution
from scoring.engine.scale import whole

# How often an attacker moves their own score a little, to find out where the published number turns.
NUDGES = 4
LARGEST_NUDGE_POINTS = 3.0


@dataclass(frozen=True, slots=True)
class Guard:
    """How others enter published numbers: live or with each run, exactly or in whole points, and from how many on."""

    name: str
    is_live: bool
    is_exact: bool
    least_ties: int

    def network(self, solution: Solution, citizen: int) -> float:
        """The network effect on a citizen as they see it, in points."""
        exact = float(solution.network[citizen])
        return exact if self.is_exact else float(whole(exact))


OFF = Guard("off", is_live=True, is_exact=True, least_ties=1)
ON = Guard("on", is_live=False, is_exact=False, least_ties=5)


def nudged(guard: Guard, own: float, solution: Solution, citizen: int, rng: np.random.Generator) -> float:
    """The network effect as closely as somebody knows it whose own score moved a little, while all else stood still.

    Each published number is floor(own + network + ½), and own scores are known exactly.
    """
    exact, shown = float(solution.network[citizen]), guard.network(solution, citizen)
    if guard.is_exact:
        return shown
    low, high = shown - 0.5, shown + 0.5
    for nudge in (0.0, *rng.uniform(0, LARGEST_NUDGE_POINTS, NUDGES)):
        published = whole(own + nudge + exact)
        low, high = max(low, published - 0.5 - own - nudge), min(high, published + 0.5 - own - nudge)
    return (low + high) / 2


def shares(town: Town, citizen: int, scored: Floats) -> dict[int, float]:
    """a_ij: how much each scored person counts for the citizen, which they can work out from their own ties."""
    ties, influence = town.ties, town.influence
    strongest: dict[int, float] = {}
    for e in range(ties.indptr[citizen], ties.indptr[citizen + 1]):
        other, m = int(ties.other[e]), float(ties.strength[e] * influence.weight[ties.role[e]])
        if scored[other] and m > 0:
            strongest[other] = max(m, strongest.get(other, 0.0))
    total = influence.k0 + sum(strongest.values())
    return {other: m / total for other, m in strongest.items()}


def phi(score: float, influence: Influence) -> float:
    below, above = max(0.0, influence.theta_drag - score), max(0.0, score - influence.theta_lift)
    return influence.lift * above - influence.drag * below


def score_of_phi(value: float, influence: Influence) -> float:
    """The score that radiates this φ; the middle of all that radiate nothing."""
    if value < 0:
        return influence.theta_drag + value / influence.drag
    if value > 0:
        return influence.theta_lift + value / influence.lift
    return (influence.theta_drag + influence.theta_lift) / 2
