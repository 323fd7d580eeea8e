"""Stored scores against scores recomputed by the reference solver."""

import datetime as dt
import time
from typing import Any, NamedTuple

import numpy as np
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.models import Change, Citizen
from scoring import publishing, snapshot
from scoring.engine import reference
from scoring.models import Movement, RuleSet, Run, Score
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import UNBOUNDED, Snapshot
from sesame_site.kit.cli import Found, SesameCommand
from sesame_site.kit.moments import microseconds

ROUNDING = 1e-6
SHOWN = 10
SECONDS_TO_WAIT = 30.0


class Read(NamedTuple):
    """The run in force and what it was computed from, all read at one moment.

    `known_at` is when it last took changes into account. `tolerance` is the most points by which a score may be off.
    `stored` and `networks` have the scores and their network effects by the id of the citizen, `taken` the population.
    `earlier` are those whose influence is in the scores: the same people, or as they were at an earlier moment, or None
    where that cannot be read any more. `anew` have come to be scored after that moment.
    """

    run: Run
    known_at: dt.datetime
    tolerance: float
    stored: dict[int, float]
    networks: dict[int, float]
    taken: Snapshot
    earlier: Snapshot | None
    anew: set[int]


class Command(SesameCommand):
    about = gettext_lazy(
        "Recompute the current run with the readable reference solver and compare. Exit code 1 on drift."
    )

    def run(self, **options: Any) -> dict[str, Any]:
        self.progress(_("Reading the population …"))
        read = self._read()
        rule_set = RuleSet.objects.with_parts().get(pk=read.run.rule_set_id)
        self.progress(
            _("Recomputing %(citizen_ids)s citizens in plain loops …") % {"citizen_ids": len(read.taken.citizen_ids)}
        )
        own = _own(read.run, read.taken, read.known_at, rule_set)
        networks = read.networks if read.earlier is None else _networks(read, own, rule_set)
        influence = influence_of(rule_set)
        expected = {pk: reference.together(score, networks.get(pk, 0.0), influence) for pk, score in own.items()}
        if read.earlier is None:
            self.progress(
                _(
                    "Others count as they were when the run was published. Since then somebody was deleted, or many "
                    "rows were imported, so that only own scores could be recomputed. Verify again after a run."
                )
            )
        stored, drift = read.stored, _drift(expected, read.stored, read.tolerance)
        result = {
            "run": read.run.pk,
            "scored": len(stored),
            "recomputed": len(expected),
            "network_recomputed": read.earlier is not None,
            "tolerance": read.tolerance,
            "largest_difference": max((abs(expected[pk] - stored[pk]) for pk in expected.keys() & stored), default=0.0),
            "drifted": len(drift),
            "worst": _worst(drift, expected, stored),
        }
        if drift:
            raise Found(
                _("%(drift)s of %(stored)s scores differ from the reference. Worst: %(worst)s")
                % {"drift": len(drift), "stored": len(stored), "worst": result["worst"]},
                **result,
            )
        return result

    def _read(self) -> Read:
        """Waits until no change is on its way into the scores."""
        give_up_at = time.monotonic() + SECONDS_TO_WAIT
        while True:
            with transaction.atomic():
                # Nobody writes scores meanwhile; and who wrote the last ones has taken into account what they knew of.
                publishing.hold_scores()
                run = Run.objects.current()
                if run is None or run.known_at is None or run.error_bound is None:
                    raise CommandError(_("Nothing has been scored yet: run `manage.py rescore` first."))
                known_at = run.live_at or run.known_at
                rows = Score.objects.filter(run=run).values_list("citizen_id", "value", "network")
                stored, networks = {pk: value for pk, value, _network in rows}, {pk: row for pk, _value, row in rows}
                taken = snapshot.replay(run.as_of if run.is_replay else known_at, known_at=known_at)
                earlier, anew = _earlier(run, taken, known_at)
                late = Change.objects.pending().filter(created_at__lte=known_at).count()
            if not late or run.is_replay:
                return Read(run, known_at, run.error_bound + ROUNDING, stored, networks, taken, earlier, anew)
            if time.monotonic() > give_up_at:
                raise CommandError(
                    _(
                        "Changes older than the scores are not in them yet (%(late)s of them). Is the engine "
                        "running? Try again when it has caught up."
                    )
                    % {"late": late}
                )
            self.progress(_("Waiting for changes on their way into the scores (%(late)s) …") % {"late": late})
            time.sleep(0.2)


def _earlier(run: Run, taken: Snapshot, known_at: dt.datetime) -> tuple[Snapshot | None, set[int]]:
    """Those whose influence is in the scores, and who has come to be scored since; see `Read`."""
    moment = run.network_at
    if run.is_replay or moment is None or moment >= known_at:
        return taken, set()
    came_later = Q(created_at__gt=moment) | Q(applied_at__gt=moment) | Q(applied_at=None)
    # What has been deleted cannot be read, rows of an import may be older than it, and what was written before the
    # moment and committed after it is not in the scores.
    unread = Q(kind__in=UNBOUNDED) | Q(created_at__lte=moment)
    anew = set(Movement.objects.filter(run=run, published=None).values_list("citizen_id", flat=True))
    if Change.objects.filter(came_later, unread).exists():
        return None, anew
    return snapshot.replay(moment, known_at=moment), anew


def _own(run: Run, taken: Snapshot, known_at: dt.datetime, rule_set: RuleSet) -> dict[int, float]:
    """The own scores of the scored, as they were known at that moment."""
    as_of, until = microseconds(run.as_of), microseconds(run.latest(known_at))
    own = reference.own_scores(taken.population, rules_of(rule_set, taken.type_ids), as_of=as_of, until=until)
    return {int(pk): score for pk, score in zip(taken.citizen_ids, own, strict=True) if score is not None}


def _networks(read: Read, own_now: dict[int, float], rule_set: RuleSet) -> dict[int, float]:
    """The exact network effects of those whose influence is in the scores."""
    assert read.earlier is not None
    taken, influence = read.earlier, influence_of(rule_set)
    then = read.run.network_at or read.known_at
    by_id = own_now if taken is read.taken else _own(read.run, taken, then, rule_set)
    own = [by_id.get(int(pk)) for pk in taken.citizen_ids]
    ties, as_of = taken.population.ties, microseconds(read.run.as_of)
    exact = reference.solve(own, ties, influence, as_of=as_of)
    shares = reference.shares(own, ties, influence, as_of)
    effects = (reference.network_effect(share, exact, influence) for share in shares)
    ids = (int(pk) for pk in taken.citizen_ids)
    return {pk: effect for pk, effect in zip(ids, effects, strict=True) if pk not in read.anew}


def _drift(expected: dict[int, float], stored: dict[int, float], tolerance: float) -> list[int]:
    """Ids whose score is missing, superfluous or too far off, worst first."""

    def gap(pk: int) -> float:
        return abs(expected[pk] - stored[pk]) if pk in expected and pk in stored else np.inf

    return sorted((pk for pk in expected.keys() | stored if gap(pk) > tolerance), key=lambda pk: (-gap(pk), pk))


def _worst(drift: list[int], expected: dict[int, float], stored: dict[int, float]) -> list[dict[str, Any]]:
    keys = dict(Citizen.objects.filter(pk__in=drift[:SHOWN]).values_list("id", "key"))
    return [
        {"citizen": keys.get(pk, str(pk)), "stored": stored.get(pk), "recomputed": expected.get(pk)}
        for pk in drift[:SHOWN]
    ]
