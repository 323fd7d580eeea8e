"""A town scored straight by the engine, without a database: quick enough for many seeds and sizes."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.engine.fold import own_scores
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import REVERSE_ROLE, ROLES, Events, Influence, Population, Rules, Solution
from scoring.engine.scale import MICROSECONDS_PER_DAY
from scoring.engine.solve import solve
from scoring.rules.open_sesame_2017 import TERMS
from sesame_site.demo.town.conduct import Conduct, live
from sesame_site.demo.town.people import ADULT, People, settle


@dataclass(frozen=True, slots=True)
class TownOnPaper:
    """Everybody consents to everything but the children. Scores are NaN for the unscored."""

    people: People
    conduct: Conduct
    own: NDArray[np.float64]
    scored: NDArray[np.bool_]
    solution: Solution


def town_on_paper(n: int, seed: int, *, days_before: float = 0) -> TownOnPaper:
    """The town as of `days_before` days before its last day."""
    rng = np.random.default_rng(seed)
    people = settle(n, rng)
    conduct = live(people, rng)
    population = _population(people, conduct, days_before)
    own = own_scores(population, _rules(conduct.keys), as_of=0)
    return TownOnPaper(
        people, conduct, own.score, own.scored, solve(own.score, own.scored, population.ties, _influence())
    )


def _population(people: People, conduct: Conduct, days_before: float) -> Population:
    indptr = np.searchsorted(conduct.citizen, np.arange(len(people) + 1))
    occurred = -((conduct.days_ago - days_before) * MICROSECONDS_PER_DAY).astype(np.int64)
    events = Events(indptr, conduct.kind.astype(np.int16), occurred, conduct.amount)
    role = np.array([ROLES.index(kind) for kind in people.ties.kind])
    ties = ties_from_pairs(
        len(people), people.ties.first, people.ties.second, role, REVERSE_ROLE[role], people.ties.strength
    )
    return Population(events, ties, people.age >= ADULT)


def _rules(keys: list[str]) -> Rules:
    by_key = {rule.behaviour_type: rule for rule in TERMS.rules}
    specs = [by_key[key] for key in keys]
    places = [dimension.key for dimension in TERMS.dimensions]
    return Rules(
        points=np.array([spec.points for spec in specs], float),
        half_life_days=np.array([spec.half_life_days or np.inf for spec in specs]),
        expiry_days=np.array([spec.expiry_days or np.inf for spec in specs]),
        most=np.array([spec.most for spec in specs], float),
        dimension=np.array([places.index(spec.dimension) for spec in specs]),
        room=np.array([dimension.room for dimension in TERMS.dimensions]),
        base=TERMS.base,
        minimum_behaviours=TERMS.minimum_behaviours,
    )


def _influence() -> Influence:
    weights = dict(TERMS.tie_weights)
    names = {field.name for field in dataclasses.fields(Influence)}
    return Influence(
        weight=np.array([weights[role] for role in ROLES]),
        **{name: value for name, value in TERMS.numbers.items() if name in names},
    )
