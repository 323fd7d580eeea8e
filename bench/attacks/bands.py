"""The second game: in which band is a friend? The attacker ends ties, makes ties, and asks others."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np

from bench.attacks.acts import MOST_ACCOMPLICES, PLAYS_PER_TOWN, Moment, Observed, moment_of
from bench.attacks.sight import Guard, nudged, phi, score_of_phi, shares
from bench.attacks.towns import NOW, Town, towns
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import ROLES
from scoring.engine.scale import UNSCORED
from scoring.rules.open_sesame_2017 import TERMS

# Inferred scores are compared in steps of so many points.
STEP_POINTS = 10
EDGES = np.array([band.lower for band in TERMS.bands])
FRIEND = ROLES.index("friend")


@dataclass(frozen=True, slots=True)
class Question:
    """`attacker` wants to know the band of `target`."""

    attacker: int
    target: int


def plays(guard: Guard, *, seed: int, days: float) -> Iterator[tuple[Observed, int]]:
    """(what each strategy observes, the band of the target), without end."""
    for number, town in enumerate(towns(seed, days=days)):
        town = town.with_influence(least_ties=guard.least_ties)
        rng = np.random.default_rng((seed, number))
        before, after = moment_of(town, town.earlier), moment_of(town, NOW)
        for question in _questions(town, before, rng):
            seen = {
                "look": _look(guard, town, question, before),
                "end the tie": _ended(guard, town, question, before, after, rng),
                "one tie": _circle(guard, town, question.target, before, 0, rng),
            }
            for count in range(1, MOST_ACCOMPLICES + 1):
                seen[f"{count} accomplices"] = _circle(guard, town, question.target, before, count, rng)
            yield seen, int(np.searchsorted(EDGES, before.solution.score[question.target] + 0.5, side="right"))


def _questions(town: Town, before: Moment, rng: np.random.Generator) -> Iterator[Question]:
    for attacker in rng.choice(np.flatnonzero(before.scored), PLAYS_PER_TOWN):
        known = sorted(shares(town, int(attacker), before.scored))
        if known:
            yield Question(int(attacker), int(rng.choice(known)))


def _look(guard: Guard, town: Town, question: Question, before: Moment) -> Hashable:
    """The network effect alone, and how much the target counts: what no way of publishing it can hide."""
    share = shares(town, question.attacker, before.scored)[question.target]
    return round(guard.network(before.solution, question.attacker) / STEP_POINTS), round(5 * share)


def _ended(
    guard: Guard, town: Town, question: Question, before: Moment, after: Moment, rng: np.random.Generator
) -> Hashable:
    """What remains of the network effect when the tie is gone: at once where it is live, else after the next run."""
    then = before if guard.is_live else after
    ties = town.ties_without(question.attacker, question.target)
    solution = town.solved(then.own, then.scored, ties=ties, start=then.solution.score)
    weights, k0 = shares(town, question.attacker, before.scored), town.influence.k0
    share = weights[question.target]
    total = k0 / (1 - sum(weights.values())) if k0 else 1.0
    with_it = nudged(guard, float(before.own[question.attacker]), before.solution, question.attacker, rng)
    without = nudged(guard, float(then.own[question.attacker]), solution, question.attacker, rng)
    radiated = (with_it * total - without * (total - share * total)) / (share * total)
    return _score(radiated, town)


def _circle(
    guard: Guard, town: Town, target: int, before: Moment, accomplices: int, rng: np.random.Generator
) -> Hashable:
    """A newcomer whose only friends are the target and accomplices, whose scores are known."""
    others = np.flatnonzero(before.scored & (np.arange(len(town)) != target))
    known = rng.choice(others, accomplices, replace=False)
    friends = np.append(known, target)
    newcomer = len(town)
    first, second, role, strength = town.pairs
    solution = town.solved(
        np.append(before.own, 600.0),
        np.append(before.scored, True),
        ties=ties_from_pairs(
            newcomer + 1,
            np.append(first, np.full(len(friends), newcomer)),
            np.append(second, friends),
            np.append(role, np.full(len(friends), FRIEND)),
            np.append(town.reverse_roles, np.full(len(friends), FRIEND)),
            np.append(strength, np.ones(len(friends))),
        ),
        start=np.append(before.solution.score, 600.0),
    )
    seen = nudged(guard, 600.0, solution, newcomer, rng)
    total = town.influence.k0 + len(friends) * town.influence.weight[FRIEND]
    told = sum(phi(float(solution.score[one]), town.influence) for one in known)
    counts = len(friends) >= town.influence.least_ties
    return _score(seen * total / town.influence.weight[FRIEND] - told, town) if counts else UNSCORED


def _score(radiated: float, town: Town) -> int:
    """The score that radiates so much, in steps: φ of less than a hundredth of a point is taken for none."""
    return round(score_of_phi(radiated if abs(radiated) > 0.01 else 0.0, town.influence) / STEP_POINTS)
