"""The scored people somebody is tied to, read from rows."""

from typing import NamedTuple

import numpy as np

from citizens.models import Citizen, Tie
from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.explain import NetworkLines, network_lines
from scoring.engine.model import ROLES, Influence, full_minutes, latest_minute
from scoring.engine.parts import NetworkSplit
from scoring.engine.splitting import DAYS_TO_BE_COUNTED_AMONG_THEM, network_split
from scoring.models import Run, Score
from scoring.rules.arrays import influence_of
from sesame_site.kit.moments import microseconds


class KnownPeople(NamedTuple):
    """One entry for each tie to a scored person: who, their score, their role, the strength, and whether it is old."""

    people: Ints
    scores: Floats
    roles: Ints
    strengths: Floats
    held: Mask
    influence: Influence

    def lines(self) -> NetworkLines:
        """Everything that they do."""
        return network_lines(self.people, self.scores, self.roles, self.strengths, self.influence)

    def split(self) -> NetworkSplit:
        """What may be shown of it."""
        return network_split(self.people, self.scores, self.roles, self.strengths, self.influence, held=self.held)


def known_people(citizen: Citizen, run: Run) -> KnownPeople:
    """Those of the ties that the scores of `run` know of."""
    moment = run.as_of if run.is_replay else run.live_at or run.known_at
    assert moment is not None
    ties = list(Tie.objects.live_at(moment).of(citizen).order_by("id"))
    others = {tie.pk: tie.second_id if tie.first_id == citizen.pk else tie.first_id for tie in ties}
    scores = dict(Score.objects.filter(run=run, citizen__in=others.values()).values_list("citizen_id", "value"))
    influence = influence_of(run.rule_set)
    scored = [tie for tie in ties if others[tie.pk] in scores and _is_held(tie, run, influence.tie_wait)]
    return KnownPeople(
        people=np.array([others[tie.pk] for tie in scored], np.int64),
        scores=np.array([scores[others[tie.pk]] for tie in scored], np.float64),
        roles=np.array([ROLES.index(tie.role_for(citizen)) for tie in scored], np.int64),
        strengths=np.array([tie.strength for tie in scored], np.float32),
        held=np.array([_is_held(tie, run, DAYS_TO_BE_COUNTED_AMONG_THEM) for tie in scored], bool),
        influence=influence,
    )


def _is_held(tie: Tie, run: Run, days: float) -> bool:
    """Whether the tie was so many days old at the run's moment; one of unknown age is. See `Ties.are_held`."""
    if tie.since is None or days == 0:
        return True
    return bool(full_minutes(np.array([microseconds(tie.since)]))[0] <= latest_minute(microseconds(run.as_of), days))
