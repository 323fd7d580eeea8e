"""The score of one citizen, and those of others, if that citizen did something more. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from citizens.models import BehaviourType, Citizen
from scoring.engine.fold import own_scores
from scoring.engine.model import Events, Population, Ties, published
from scoring.engine.update import update
from scoring.lab.population import frozen, in_force
from scoring.lab.solving import moments
from scoring.models import RuleSet, Run
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Published numbers before and after (None: unscored), and how many others' would change."""

    before: int | None
    after: int | None
    own_before: int | None
    own_after: int | None
    others: int


def what_if(citizen: Citizen, more: Sequence[tuple[BehaviourType, float]]) -> WhatIf | None:
    """The score in force if the citizen now did `more`, (type, amount) pairs; None if they are not in the population.

    By the rule set of the run in force, and as of its moment, as live updates go by them. Raises RuleSet.DoesNotExist
    when nothing is published.
    """
    snapshot = frozen()
    rule_set = RuleSet.objects.with_parts().in_force()
    if rule_set is None:
        raise RuleSet.DoesNotExist
    run = Run.objects.current()
    place = int(np.searchsorted(snapshot.citizen_ids, citizen.pk))
    if place == len(snapshot) or snapshot.citizen_ids[place] != citizen.pk:
        return None
    solved = in_force(snapshot, rule_set, run).solved
    rules, (as_of, until) = rules_of(rule_set, snapshot.type_ids), moments(snapshot, run)
    alone = own_scores(_alone(snapshot, place, more, until), rules, as_of=as_of, until=until)
    own, scored = solved.own.score.copy(), solved.own.scored.copy()
    own[place], scored[place] = alone.score[0], alone.scored[0]
    changed = np.array([place])
    found = update(solved.solution, changed, own, scored, solved.ties, influence_of(rule_set), tolerance=0.01)
    after = published(found.solution.score[found.moved])
    others = int((after != solved.published[found.moved]).sum())
    now = int(published(found.solution.score[[place]])[0])
    return WhatIf(
        before=_number(solved.published[place]),
        after=_number(now),
        own_before=_number(solved.own_published[place]),
        own_after=_number(published(own[[place]])[0]),
        others=others - int(now != solved.published[place]),
    )


def _alone(snapshot: Snapshot, place: int, more: Sequence[tuple[BehaviourType, float]], moment: int) -> Population:
    """The citizen as a population of one, with more behaviours that occur at this moment."""
    events = snapshot.population.events
    row = slice(events.indptr[place], events.indptr[place + 1])
    kinds = np.searchsorted(snapshot.type_ids, [kind.pk for kind, _ in more]).astype(np.int16)
    amounts = np.array([amount for _, amount in more], np.float64)
    all_events = Events(
        np.array([0, row.stop - row.start + len(more)]),
        np.concatenate([events.kind[row], kinds]),
        np.concatenate([events.occurred[row], np.full(len(more), moment)]),
        np.concatenate([events.amount[row], amounts]),
    )
    return Population(all_events, Ties.nobody(1), snapshot.population.eligible[[place]])


def _number(score: np.int16 | int) -> int | None:
    return None if score < 0 else int(score)
