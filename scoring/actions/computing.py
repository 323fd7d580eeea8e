"""What a run does: from rows to published scores."""

import datetime as dt
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils import timezone

from citizens.actions.consent import let_consents_count
from citizens.models import Change
from scoring import publishing, snapshot
from scoring.engine.fold import own_scores
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.kernels.rows import arranged, merged, positions, with_events, with_ties
from scoring.engine.model import ROLES, Influence, Own, Population, Rules, Solution, Ties
from scoring.engine.solve import solve
from scoring.engine.splitting import network_splits
from scoring.enums import RunEngine, RunPhase
from scoring.live.joining import TOLERANCE, Computed
from scoring.live.state import state_of
from scoring.models import RuleSet, Run
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import Snapshot
from scoring.snapshot.arranging import leave_out_refused
from sesame_site.kit.moments import microseconds

SHARE_DONE = {RunPhase.SNAPSHOT: 0.05, RunPhase.FOLD: 0.5, RunPhase.SOLVE: 0.6, RunPhase.PUBLISH: 0.8}


def get_ready() -> None:
    """Load what compiled code needs at its first use, lest the first run in a process take a second longer."""
    first, role, both = np.zeros(1, np.int64), np.full(1, ROLES.index("friend")), np.ones(2, bool)
    place = positions(first, first)
    leave_out_refused(place, first, np.zeros(2, np.int64), first[:0])
    friends = ties_from_pairs(2, first, first + 1, role, role, np.ones(1), first)
    influence = Influence(0.5, 0.5, 600.0, 600.0, 60.0, 1.0, np.ones(len(ROLES)))
    at_once = friends.at(0, influence)
    network_splits(solve(np.array([400.0, 800.0]), both, at_once, influence), at_once, influence)
    whole, real = np.empty(0, np.int64), np.empty(0)
    idle = Population(arranged(np.empty(0, np.int32), np.empty(0, np.int16), whole, real, 2), friends, both)
    own_scores(idle, Rules(real, real, real, real, whole, real, 600.0), as_of=0)
    with_events(idle.events, first, merged(idle.events, first, idle.events, idle.events)[0], 2)
    with_ties(friends, first, replace(Ties.nobody(1), since=np.empty(0, np.int32)), 2)


def carry_out(run: Run) -> None:
    """Compute and publish; what goes wrong is raised, and nothing is published then."""
    rule_set = RuleSet.objects.with_parts().get(pk=run.rule_set_id)
    if not run.is_replay:
        let_consents_count(waited_since=timezone.now() - dt.timedelta(days=rule_set.tie_wait))
    with _phase(run, RunPhase.SNAPSHOT):
        taken = _population(run)
    run.citizens, run.behaviours, run.ties = len(taken), taken.behaviours, taken.ties
    rules, influence = rules_of(rule_set, taken.type_ids), influence_of(rule_set)
    if run.engine == RunEngine.SPARK:
        own, solution = _solved_on_a_cluster(run, taken, rules, influence)
    else:
        own, solution = _solved_here(run, taken, rules, influence)
    run.scored = int(own.scored.sum())
    run.pushes, run.error_bound = solution.pushes, solution.error_bound
    with _phase(run, RunPhase.PUBLISH):
        # The run keeps its rule set, with its parts, for what changed meanwhile.
        run.rule_set = rule_set
        state = state_of(run, taken, rules, influence, own, solution, at=run.as_of)
        known = publishing.publish_run(run, Computed(state, taken.pg_snapshot)).pg_snapshot
    run.finished_at = timezone.now()
    run.save(update_fields=["seconds", "finished_at"])
    _tidy_up(run, taken, known)


def _tidy_up(run: Run, taken: Snapshot, known: str) -> None:
    """What spares others work, now that the scores are in force. Left undone, it only costs them that work."""
    if not run.is_replay:
        Change.objects.pending().visible_in(known).update(applied_at=run.known_at)
        snapshot.save(taken)
    publishing.drop_old_runs()


def _solved_here(run: Run, taken: Snapshot, rules: Rules, influence: Influence) -> tuple[Own, Solution]:
    with _phase(run, RunPhase.FOLD):
        own = own_scores(taken.population, rules, as_of=microseconds(run.as_of))
    with _phase(run, RunPhase.SOLVE):
        ties = taken.population.ties.at(microseconds(run.as_of), influence)
        return own, solve(own.score, own.scored, ties, influence, tolerance=TOLERANCE)


def _solved_on_a_cluster(run: Run, taken: Snapshot, rules: Rules, influence: Influence) -> tuple[Own, Solution]:
    from scoring.engine.cluster.submit import solve_on_cluster

    as_of, folder = microseconds(run.as_of), Path(settings.SPARK_FOLDER) / f"run-{run.pk}-{uuid.uuid4().hex[:8]}"
    with _phase(run, RunPhase.SOLVE):
        return solve_on_cluster(
            taken.population, rules, influence,
            as_of=as_of, until=as_of, tolerance=TOLERANCE, master=settings.SPARK_MASTER, folder=folder,
        )  # fmt: skip


def _population(run: Run) -> Snapshot:
    """What the run is computed from; fixes the moments it speaks of."""
    assert run.started_at is not None
    if run.is_replay:
        taken = snapshot.replay(run.as_of, known_at=run.started_at)
    else:
        taken = snapshot.take()
        run.as_of = taken.known_at
    run.known_at = taken.known_at
    return taken


@contextmanager
def _phase(run: Run, phase: RunPhase) -> Iterator[None]:
    """Shows that the run is in this phase, and keeps how long it took."""
    run.phase, run.progress = phase, SHARE_DONE[phase]
    run.save(
        update_fields=[
            "phase",
            "progress",
            "as_of",
            "known_at",
            "citizens",
            "behaviours",
            "ties",
            "scored",
            "pushes",
            "error_bound",
        ]
    )
    began = time.perf_counter()
    yield
    run.seconds[phase.value] = round(time.perf_counter() - began, 4)
