"""The population in memory, and what a batch of changes makes of it. Values in, values out; nothing is written."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.fold import own_scores
from scoring.engine.kernels.rows import among, lengthened, with_ties
from scoring.engine.model import Influence, Own, Population, Rules, Solution, Ties, published
from scoring.engine.solve import solve
from scoring.engine.update import update
from scoring.models import RuleSet, Run
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import Changes, Reader, Snapshot
from scoring.snapshot.arranging import Unknown, own_rows, tie_rows
from sesame_site.kit.moments import microseconds

# In points. To a run's own 0.001 a change of one citizen runs through the ties to tens of thousands.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Live:
    """A run's scores with everything taken into account that was known at `known_at`. Rows are citizens.

    Between runs nothing fades: ages are those of the run's own moment, and what came later counts in full.
    """

    run: Run
    rules: Rules
    influence: Influence
    citizen_ids: Ints
    type_ids: Ints
    ties: Ties
    own: Floats
    scored: Mask
    solution: Solution
    known_at: dt.datetime

    def __len__(self) -> int:
        return len(self.citizen_ids)

    @property
    def published(self) -> NDArray[np.int16]:
        return published(self.solution.score)


@dataclass(frozen=True, slots=True)
class Step:
    """A new state, the positions of those whose own behaviours or consents changed, and of all who were recomputed."""

    live: Live
    changed: Ints
    moved: Ints


def load(run: Run, taken: Snapshot) -> Live:
    """Everybody, as the run would have it if it had known what `taken` knows."""
    rule_set = RuleSet.objects.with_parts().get(pk=run.rule_set_id)
    rules, influence = rules_of(rule_set, taken.type_ids), influence_of(rule_set)
    own = _own(taken.population, rules, run, taken.known_at)
    ties = taken.population.ties
    solution = solve(own.score, own.scored, ties, influence)
    return Live(
        run, rules, influence, taken.citizen_ids, taken.type_ids, ties, own.score, own.scored, solution, taken.known_at
    )


def step(live: Live, changes: Changes, read: Reader) -> Step | None:
    """`live` with the changes taken into account; None where everything has to be read anew.

    Who is concerned is read again whole, as the rows are now, so a change that is applied twice does no harm. One that
    comes along early with another is taken into account in part, and whole when its turn comes.
    """
    known = live.citizen_ids
    fresh = changes.everybody[~among(known, changes.everybody)]
    if not changes.is_bounded or not np.array_equal(read.type_ids(), live.type_ids):
        return None
    if len(fresh) and len(known) and fresh[0] < known[-1]:
        return None
    ids = np.concatenate([known, fresh])
    rows = np.searchsorted(ids, changes.citizens)
    own, scored = lengthened(live.own, len(ids), np.nan), lengthened(live.scored, len(ids), False)
    tied, ties = np.searchsorted(ids, changes.tied), live.ties
    try:
        if len(rows):
            events, eligible = own_rows(read, changes.citizens, live.type_ids)
            anew = _own(Population(events, Ties.nobody(len(rows)), eligible), live.rules, live.run, read.known_at)
            own[rows], scored[rows] = anew.score, anew.scored
        if len(tied) or len(fresh):
            ties = with_ties(ties, tied, tie_rows(read, ids, tied), len(ids))
    except Unknown:
        # Somebody came after the changes were claimed, and yet before the rows were read.
        return None
    changed = np.union1d(rows, tied)
    after = update(live.solution, changed, own, scored, ties, live.influence, tolerance=TOLERANCE)
    state = replace(
        live, citizen_ids=ids, ties=ties, own=own, scored=scored, solution=after.solution, known_at=read.known_at
    )
    return Step(state, rows, after.moved)


def _own(population: Population, rules: Rules, run: Run, known_at: dt.datetime) -> Own:
    return own_scores(population, rules, as_of=microseconds(run.as_of), until=microseconds(known_at))
