"""The first game: did a friend do a certain thing between two runs, or not? Half of them did."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np

from bench.attacks.sight import Guard, nudged, shares
from bench.attacks.towns import NOW, Act, Town, towns
from scoring.engine.arrays import Floats, Mask
from scoring.engine.model import Solution

PLAYS_PER_TOWN = 20
MOST_ACCOMPLICES = 4
# Observations are rounded to this share of what the act would do, and the size of that to this many points.
RATIO_STEP, SIZE_STEPS = 0.25, (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
Observed = dict[str, Hashable]


@dataclass(frozen=True, slots=True)
class Moment:
    """Everybody's own scores, who is scored, and the scores, at one moment."""

    own: Floats
    scored: Mask
    solution: Solution


@dataclass(frozen=True, slots=True)
class Question:
    """`attacker` wants to know whether `target` did `act`, which alone would move an own score by `points`."""

    attacker: int
    target: int
    act: Act
    points: float


def plays(guard: Guard, *, seed: int, days: float) -> Iterator[tuple[Observed, bool]]:
    """(what each strategy observes, whether the act happened), without end."""
    for number, town in enumerate(towns(seed, days=days)):
        town = town.with_influence(least_ties=guard.least_ties)
        rng = np.random.default_rng((seed, number))
        before, after = moment_of(town, town.earlier), moment_of(town, NOW)
        jumps = _jumps(town, before) if guard.is_live else None
        for question in _questions(town, before, rng):
            happened = bool(rng.integers(2))
            end = _with_act(town, after, question) if happened else after
            seen = _watched(guard, town, question, before, end, rng)
            if jumps is not None:
                seen["watch live"] = _live(town, question, before, jumps, happened)
            yield seen, happened


def moment_of(town: Town, as_of: int) -> Moment:
    """The town as a run at `as_of`, in microseconds since 1970, scores it."""
    own, scored = town.own(as_of=as_of)
    return Moment(own, scored, town.solved(own, scored))


def _questions(town: Town, before: Moment, rng: np.random.Generator) -> Iterator[Question]:
    scored = np.flatnonzero(before.scored)
    for attacker in rng.choice(scored, PLAYS_PER_TOWN):
        known = sorted(shares(town, int(attacker), before.scored))
        if not known:
            continue
        target, kind = int(rng.choice(known)), int(rng.integers(len(town.kinds)))
        act = Act(kind, int(rng.integers(town.earlier + 1, NOW)))
        points = town.own_with(target, act, as_of=NOW) - float(town.own(as_of=NOW)[0][target])
        yield Question(int(attacker), target, act, points)


def _with_act(town: Town, after: Moment, question: Question) -> Moment:
    own = after.own.copy()
    own[question.target] += question.points
    return Moment(own, after.scored, town.solved(own, after.scored, start=after.solution.score))


def _watched(
    guard: Guard, town: Town, question: Question, before: Moment, after: Moment, rng: np.random.Generator
) -> Observed:
    """What can be told from the two runs alone, by the attacker and by those who tell or are told."""
    circle = [question.attacker, *_accomplices(town, question, before, rng)]
    ratios = [_ratio(guard, town, who, question, before, after) for who in circle]
    effect = guard.network(after.solution, question.attacker) - guard.network(before.solution, question.attacker)
    closely = _effect(guard, question.attacker, before, after, rng)
    size = _expected(town, question.attacker, question, before)
    observed: Observed = {
        "watch": _cell(ratios[0][0], ratios[0][1]),
        "nudge": _cell(closely / size if size else 0.0, size),
        "partner": (round(effect * np.sign(question.points)), _size(question.points)),
    }
    for count in range(1, MOST_ACCOMPLICES + 1):
        told = ratios[: count + 1]
        total = sum(weight for _, weight in told)
        mean = sum(ratio * weight for ratio, weight in told) / total if total else 0.0
        observed[f"{count} accomplices"] = _cell(mean, total / len(told))
    return observed


def _accomplices(town: Town, question: Question, before: Moment, rng: np.random.Generator) -> list[int]:
    """Others who know the target, and tell the attacker all they see."""
    others = sorted(set(shares(town, question.target, before.scored)) - {question.attacker})
    return [int(other) for other in rng.permutation(others)[:MOST_ACCOMPLICES]]


def _ratio(
    guard: Guard, town: Town, who: int, question: Question, before: Moment, after: Moment
) -> tuple[float, float]:
    """The change somebody saw, as a share of what the act would have done to them, and the size of the latter."""
    size = _expected(town, who, question, before)
    change = guard.network(after.solution, who) - guard.network(before.solution, who)
    return (change / size if size else 0.0), abs(size)


def _expected(town: Town, who: int, question: Question, before: Moment) -> float:
    """What the act would do to somebody's network effect if the target were a low scorer, in points."""
    share = shares(town, who, before.scored).get(question.target, 0.0)
    return share * town.influence.drag * question.points


def _effect(guard: Guard, who: int, before: Moment, after: Moment, rng: np.random.Generator) -> float:
    then, now = (nudged(guard, float(at.own[who]), at.solution, who, rng) for at in (before, after))
    return now - then


def _cell(ratio: float, size: float) -> tuple[int, int]:
    return round(float(np.clip(ratio, -3, 4)) / RATIO_STEP), _size(size)


def _size(points: float) -> int:
    return int(np.searchsorted(SIZE_STEPS, abs(points)))


def _jumps(town: Town, before: Moment) -> Floats:
    """Each change of everybody's network effect while behaviours come in one by one: (events, citizens)."""
    events = town.events
    citizen = np.repeat(np.arange(len(town)), np.diff(events.indptr))
    late = np.flatnonzero((events.occurred > town.earlier) & (events.occurred <= NOW))
    own, solution, effects = before.own.copy(), before.solution, [before.solution.network]
    for e in late[np.argsort(events.occurred[late], kind="stable")]:
        until, who = int(events.occurred[e]), citizen[e]
        if not before.scored[who]:
            continue
        own[who] = town.own(as_of=town.earlier, until=until)[0][who]
        solution = town.solved(own, before.scored, start=solution.score)
        effects.append(solution.network)
    return np.diff(np.array(effects), axis=0)


def _live(town: Town, question: Question, before: Moment, jumps: Floats, happened: bool) -> Hashable:
    """How closely the best of all jumps of the attacker's network effect fits the act, and what it would have done."""
    expected = _effect_of_act(town, question, before)
    seen = [*jumps[:, question.attacker], *([expected] if happened else [])]
    if not expected or not seen:
        return (0, _size(expected))
    return min(round(10 * min(abs(jump / expected - 1) for jump in seen)), 5), _size(expected)


def _effect_of_act(town: Town, question: Question, before: Moment) -> float:
    own = before.own.copy()
    own[question.target] += question.points
    after = town.solved(own, before.scored, start=before.solution.score)
    return float((after.network - before.solution.network)[question.attacker])
