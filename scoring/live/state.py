"""The population in memory, and the new state after a batch of changes. Values in, values out; nothing is written."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.fold import own_scores
from scoring.engine.kernels.rows import among, lengthened, with_ties
from scoring.engine.model import Events, Influence, Own, Population, Rules, Solution, Ties, published
from scoring.engine.solve import solve
from scoring.engine.update import update
from scoring.models import RuleSet, Run
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import Changes, Reader, Snapshot
from scoring.snapshot.arranging import Unknown, own_rows, tie_rows
from sesame_site.kit.moments import microseconds

# With the tolerance of a run, 0.001 points, the change of one citizen would reach tens of thousands through ties.
TOLERANCE_POINTS = 0.01


@dataclass(frozen=True, slots=True)
class Ahead:
    """Who has behaviours that have not occurred yet: sorted positions, and when the first of each falls due.

    Moments are in microseconds since 1970. A clock may be ahead of another, and dates up to tomorrow are accepted.
    """

    rows: Ints
    moments: Ints

    def due_at(self, moment: dt.datetime) -> Ints:
        """The positions of those of whom something has fallen due."""
        return self.rows[self.moments <= microseconds(moment)]

    def renewed(self, rows: Ints, events: Events, until: dt.datetime) -> "Ahead":
        """What lies ahead once the `events` of `rows`, one row each, have been counted until then."""
        kept, fresh = ~among(rows, self.rows), ahead_of(events, until)
        positions = np.concatenate([self.rows[kept], rows[fresh.rows]])
        order = np.argsort(positions, kind="stable")
        return Ahead(positions[order], np.concatenate([self.moments[kept], fresh.moments])[order])


def ahead_of(events: Events, until: dt.datetime) -> Ahead:
    """What of these behaviours lies ahead of `until`."""
    later = np.flatnonzero(events.occurred > microseconds(until))
    rows = np.searchsorted(events.indptr, later, side="right") - 1
    order = np.lexsort((events.occurred[later], rows))
    first, place = np.unique(rows[order], return_index=True)
    return Ahead(first, events.occurred[later][order][place])


@dataclass(frozen=True, slots=True)
class LiveState:
    """The scores of a run with all changes known at `known_at`. Rows are citizens.

    Between runs no behaviour fades and no tie comes of age: ages are those at the run's own moment, and `ties` are as
    they weigh then. Later behaviours count in full, those that lie `ahead` of `known_at` once they fall due.
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
    ahead: Ahead

    def __len__(self) -> int:
        return len(self.citizen_ids)

    @property
    def published(self) -> NDArray[np.int16]:
        return published(self.solution.score)


@dataclass(frozen=True, slots=True)
class Update:
    """A new state; `changed` are the positions of citizens whose own rows changed, `moved` of all recomputed ones."""

    state: LiveState
    changed: Ints
    moved: Ints


def load_state(run: Run, taken: Snapshot, *, at: dt.datetime) -> LiveState:
    """Solves for all citizens as the run would have if it had known the snapshot `taken`, with what is due `at`."""
    # The run keeps it, with its parts, for every update that follows.
    run.rule_set = rule_set = RuleSet.objects.with_parts().get(pk=run.rule_set_id)
    rules, influence = rules_of(rule_set, taken.type_ids), influence_of(rule_set)
    own = _own(taken.population, rules, run, at)
    ties = taken.population.ties.at(microseconds(run.as_of), influence)
    return state_of(run, taken, rules, influence, own, solve(own.score, own.scored, ties, influence), at=at)


def state_of(
    run: Run, taken: Snapshot, rules: Rules, influence: Influence, own: Own, solution: Solution, *, at: dt.datetime
) -> LiveState:
    """The state that follows from a solution for the snapshot `taken`, whose behaviours were counted until `at`."""
    ids, population = taken.citizen_ids, taken.population
    ahead, ties = ahead_of(population.events, at), population.ties.at(microseconds(run.as_of), influence)
    return LiveState(run, rules, influence, ids, taken.type_ids, ties, own.score, own.scored, solution, at, ahead)


def apply_changes(
    state: LiveState, changes: Changes, read: Reader, *, at: dt.datetime, tolerance: float = TOLERANCE_POINTS
) -> Update | None:
    """Applies the changes to `state`, with what has fallen due `at`; returns None where all has to be read anew.

    All rows of the citizens concerned are read again as they are now, so applying a change twice has no effect. A
    change that is visible before it is claimed may be applied in part with another one, and is whole once claimed.
    """
    known = state.citizen_ids
    changes = replace(changes, citizens=np.union1d(changes.citizens, known[state.ahead.due_at(at)]))
    fresh = changes.everybody[~among(known, changes.everybody)]
    if not changes.is_bounded or not np.array_equal(read.type_ids(), state.type_ids):
        return None
    if len(fresh) and len(known) and fresh[0] < known[-1]:
        return None
    ids = np.concatenate([known, fresh])
    rows = np.searchsorted(ids, changes.citizens)
    own, scored = lengthened(state.own, len(ids), np.nan), lengthened(state.scored, len(ids), False)
    tied, ties, ahead = np.searchsorted(ids, changes.tied), state.ties, state.ahead
    try:
        if len(rows):
            events, eligible = own_rows(read, changes.citizens, state.type_ids)
            anew = _own(Population(events, Ties.nobody(len(rows)), eligible), state.rules, state.run, at)
            own[rows], scored[rows] = anew.score, anew.scored
            ahead = ahead.renewed(rows, events, at)
        if len(tied) or len(fresh):
            anew_tied = tie_rows(read, ids, tied).at(microseconds(state.run.as_of), state.influence)
            ties = with_ties(ties, tied, anew_tied, len(ids))
    except Unknown:
        # A citizen was added after the changes were claimed and before the rows were read.
        return None
    changed = np.union1d(rows, tied)
    after = update(state.solution, changed, own, scored, ties, state.influence, tolerance=tolerance)
    new = replace(
        state, citizen_ids=ids, ties=ties, own=own, scored=scored, solution=after.solution, known_at=at, ahead=ahead
    )
    return Update(new, rows, after.moved)


def _own(population: Population, rules: Rules, run: Run, known_at: dt.datetime) -> Own:
    return own_scores(population, rules, as_of=microseconds(run.as_of), until=microseconds(known_at))
