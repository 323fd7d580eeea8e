"""The score of one citizen, and those of others, if that citizen did something more. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from citizens.models import BehaviourType, Citizen
from scoring.engine.arrays import Ints, Mask
from scoring.engine.fold import own_scores
from scoring.engine.model import Events, Population, Ties, published
from scoring.engine.scale import CEILING, FLOOR
from scoring.engine.update import update
from scoring.enums import Cadence
from scoring.lab.population import frozen, in_force
from scoring.lab.solving import moments
from scoring.models import Programme, RuleSet, Run, Score
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import Snapshot, reader
from scoring.snapshot.arranging import Unknown, own_rows
from sesame_site.kit.moments import microseconds

MANY_PEOPLE = 10


class Reach(StrEnum):
    """How many others depend on somebody's number, as roughly as that may be told."""

    NOBODY = "nobody"
    FEW = "few"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Published numbers before and after (None: unscored), and how many others depend on the change.

    `reach` follows from the citizen's own number and ties alone: whether somebody else's number would turn is theirs to
    know. It is None where nobody else's number changes before the next run.
    """

    before: int | None
    after: int | None
    own_before: int | None
    own_after: int | None
    reach: Reach | None


def what_if(citizen: Citizen, more: Sequence[tuple[BehaviourType, float]]) -> WhatIf | None:
    """The score in force if the citizen now did `more`, (type, amount) pairs; None if they are not in the population.

    By the rule set of the run in force, and as of its moment, as live updates go by them. Where the influence of others
    enters with each run, theirs is that of the run, and the answer tells nothing of them. Raises RuleSet.DoesNotExist
    when nothing is published.
    """
    rule_set = RuleSet.objects.with_parts().in_force()
    if rule_set is None:
        raise RuleSet.DoesNotExist
    run = Run.objects.current()
    if Programme.objects.cadence() == Cadence.LIVE or run is None:
        return _with_others(citizen, more, rule_set, run)
    return _alone_in_the_run(citizen, more, rule_set, run)


def _alone_in_the_run(
    citizen: Citizen, more: Sequence[tuple[BehaviourType, float]], rule_set: RuleSet, run: Run
) -> WhatIf | None:
    with reader() as read:
        type_ids = read.type_ids()
        try:
            events, eligible = own_rows(read, np.array([citizen.pk]), type_ids)
        except Unknown:
            return None
        until = microseconds(run.latest(read.known_at))
    before, after = Population(events, Ties.nobody(1), eligible), _with_more(events, eligible, more, type_ids, until)
    rules, as_of = rules_of(rule_set, type_ids), microseconds(run.as_of)
    own = np.concatenate([own_scores(one, rules, as_of=as_of, until=until).score for one in (before, after)])
    own_before, own_after = (_number(number) for number in published(own))
    now = Score.objects.filter(run=run, citizen=citizen).values_list("published", flat=True).first()
    return WhatIf(now, _moved(now, own_before, own_after), own_before, own_after, reach=None)


def _moved(now: int | None, own_before: int | None, own_after: int | None) -> int | None:
    """The published number that moves as the own one does.

    To compute it from the exact network effect would tell that effect to whomever tries one amount after the other.
    """
    if now is None or own_before is None or own_after is None:
        return own_after
    return min(max(now + own_after - own_before, FLOOR), CEILING)


def _with_others(
    citizen: Citizen, more: Sequence[tuple[BehaviourType, float]], rule_set: RuleSet, run: Run | None
) -> WhatIf | None:
    snapshot = frozen()
    place = int(np.searchsorted(snapshot.citizen_ids, citizen.pk))
    if place == len(snapshot) or snapshot.citizen_ids[place] != citizen.pk:
        return None
    solved = in_force(snapshot, rule_set, run).solved
    rules, (as_of, until) = rules_of(rule_set, snapshot.type_ids), moments(snapshot, run)
    events, eligible = _row(snapshot, place)
    alone = own_scores(_with_more(events, eligible, more, snapshot.type_ids, until), rules, as_of=as_of, until=until)
    own, scored = solved.own.score.copy(), solved.own.scored.copy()
    own[place], scored[place] = alone.score[0], alone.scored[0]
    changed = np.array([place])
    found = update(solved.solution, changed, own, scored, solved.ties, influence_of(rule_set), tolerance=0.01)
    before, after = solved.published[place], published(found.solution.score[[place]])[0]
    ties = solved.ties
    known = len(np.unique(ties.other[ties.indptr[place] : ties.indptr[place + 1]]))
    return WhatIf(
        before=_number(before),
        after=_number(after),
        own_before=_number(solved.own_published[place]),
        own_after=_number(published(own[[place]])[0]),
        reach=_reach(known if after != before else 0),
    )


def _reach(people: int) -> Reach:
    return Reach.NOBODY if people == 0 else Reach.FEW if people < MANY_PEOPLE else Reach.MANY


def _row(snapshot: Snapshot, place: int) -> tuple[Events, Mask]:
    """The behaviours of one citizen, and whether they are eligible, as those of a population of one."""
    events = snapshot.population.events
    row = slice(events.indptr[place], events.indptr[place + 1])
    alone = Events(np.array([0, row.stop - row.start]), events.kind[row], events.occurred[row], events.amount[row])
    return alone, snapshot.population.eligible[[place]]


def _with_more(
    events: Events, eligible: Mask, more: Sequence[tuple[BehaviourType, float]], type_ids: Ints, moment: int
) -> Population:
    """One citizen as a population, with more behaviours that occur at this moment."""
    kinds = np.searchsorted(type_ids, [kind.pk for kind, _ in more]).astype(np.int16)
    amounts = np.array([amount for _, amount in more], np.float64)
    all_events = Events(
        np.array([0, len(events.kind) + len(more)]),
        np.concatenate([events.kind, kinds]),
        np.concatenate([events.occurred, np.full(len(more), moment)]),
        np.concatenate([events.amount, amounts]),
    )
    return Population(all_events, Ties.nobody(1), eligible)


def _number(score: np.int16 | int) -> int | None:
    return None if score < 0 else int(score)
