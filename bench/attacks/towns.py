"""Towns to play on: the people and the conduct of the demo town, scored by the engine at two moments and in between."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.fold import own_scores
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, Events, Influence, Population, Rules, Solution, Ties
from scoring.engine.scale import MICROSECONDS_PER_DAY
from scoring.engine.solve import solve
from scoring.rules.open_sesame_2017 import TERMS
from sesame_site.demo.town.conduct import Conduct, live
from sesame_site.demo.town.people import settle

CITIZENS = 400
NOW = 1_700_000_000_000_000
TOLERANCE_POINTS = 1e-6
# Amounts of one typical act; that of all others is 1.
AMOUNTS = {"video_games": 18.0}


class Act(NamedTuple):
    """One more behaviour of a citizen: the position of its type, and when it occurred in microseconds since 1970."""

    kind: int
    occurred: int


@dataclass(frozen=True)
class Town:
    """A population whose last run but one was `days` ago, and whose last run is now."""

    rules: Rules
    influence: Influence
    events: Events
    pairs: tuple[Ints, Ints, Ints, Floats]
    kinds: tuple[str, ...]
    days: float

    def __len__(self) -> int:
        return len(self.events.indptr) - 1

    @property
    def earlier(self) -> int:
        """The moment of the run before, in microseconds since 1970."""
        return NOW - round(self.days * MICROSECONDS_PER_DAY)

    @cached_property
    def ties(self) -> Ties:
        return self.ties_without()

    @property
    def reverse_roles(self) -> Ints:
        """What the first of each pair is to the second."""
        return REVERSE_ROLE[self.pairs[2]]

    def ties_without(self, one: int = -1, other: int = -1) -> Ties:
        """The ties, but for those of two citizens with each other."""
        first, second, role, strength = self.pairs
        kept = ~(((first == one) & (second == other)) | ((first == other) & (second == one)))
        return ties_from_pairs(
            len(self), first[kept], second[kept], role[kept], self.reverse_roles[kept], strength[kept]
        )

    def own(self, *, as_of: int, until: int | None = None) -> tuple[Floats, Mask]:
        """Own scores and who is scored, as a run at `as_of` has them, or live updates `until` later."""
        found = own_scores(self._population(self.events), self.rules, as_of=as_of, until=until)
        return found.score, found.scored

    def own_with(self, citizen: int, act: Act, *, as_of: int, until: int | None = None) -> float:
        """The own score of a citizen who did one thing more."""
        row = slice(*self.events.indptr[citizen : citizen + 2])
        amount = AMOUNTS.get(self.kinds[act.kind], 1.0)
        alone = Events(
            np.array([0, row.stop - row.start + 1]),
            np.append(self.events.kind[row], np.int16(act.kind)),
            np.append(self.events.occurred[row], act.occurred),
            np.append(self.events.amount[row], amount),
        )
        return float(own_scores(self._population(alone), self.rules, as_of=as_of, until=until).score[0])

    def solved(self, own: Floats, scored: Mask, *, ties: Ties | None = None, start: Floats | None = None) -> Solution:
        ties = self.ties if ties is None else ties
        return solve(own, scored, ties, self.influence, tolerance=TOLERANCE_POINTS, start=start)

    def with_influence(self, **changes: float) -> "Town":
        """The same people and conduct by other weights."""
        return replace(self, influence=replace(self.influence, **changes))

    def _population(self, events: Events) -> Population:
        n = len(events.indptr) - 1
        return Population(events, Ties.nobody(n), np.ones(n, bool))


def towns(seed: int, *, days: float, citizens: int = CITIZENS) -> Iterator[Town]:
    """One town after another, without end, the same for the same seed."""
    for number in np.random.SeedSequence(seed).generate_state(10_000):
        rng = np.random.default_rng(number)
        people = settle(citizens, rng)
        conduct, ties = live(people, rng), people.ties
        role = np.array([ROLES.index(kind) for kind in ties.kind], np.int64)
        yield Town(
            rules_of(conduct.keys),
            influence(),
            _events(conduct, citizens),
            (ties.first, ties.second, role, ties.strength),
            tuple(conduct.keys),
            days,
        )


def rules_of(keys: list[str]) -> Rules:
    """The rules of “Open Sesame 2017” for behaviour types in this order."""
    by_key = {rule.behaviour_type: rule for rule in TERMS.rules}
    rules, dimensions = [by_key[key] for key in keys], [dimension.key for dimension in TERMS.dimensions]
    return Rules(
        points=np.array([rule.points for rule in rules]),
        half_life_days=np.array([rule.half_life_days or np.inf for rule in rules]),
        expiry_days=np.array([rule.expiry_days or np.inf for rule in rules]),
        most=np.array([rule.most for rule in rules]),
        dimension=np.array([dimensions.index(rule.dimension) for rule in rules]),
        room=np.array([dimension.room for dimension in TERMS.dimensions]),
        base=TERMS.base,
        minimum_behaviours=TERMS.minimum_behaviours,
    )


def influence() -> Influence:
    """The network part of “Open Sesame 2017”."""
    weights = dict(TERMS.tie_weights)
    return Influence(
        TERMS.drag, TERMS.lift, TERMS.theta_drag, TERMS.theta_lift, TERMS.cap, TERMS.k0,
        np.array([weights.get(role, 0.0) for role in ROLES]),
    )  # fmt: skip


def _events(conduct: Conduct, citizens: int) -> Events:
    indptr = np.searchsorted(conduct.citizen, np.arange(citizens + 1))
    occurred = NOW - np.round(conduct.days_ago * MICROSECONDS_PER_DAY).astype(np.int64)
    return Events(indptr.astype(np.int64), conduct.kind.astype(np.int16), occurred, conduct.amount)
