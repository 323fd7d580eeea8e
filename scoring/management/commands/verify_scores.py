"""Stored scores against scores recomputed by the reference solver."""

import datetime as dt
import time
from typing import Any, NamedTuple

import numpy as np
from django.core.management.base import CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.models import Change, Citizen
from scoring import publishing, snapshot
from scoring.engine import reference
from scoring.models import RuleSet, Run, Score
from scoring.rules.arrays import influence_of, rules_of
from scoring.snapshot import Snapshot
from sesame_site.kit.cli import Found, SesameCommand
from sesame_site.kit.moments import microseconds

ROUNDING = 1e-6
SHOWN = 10
SECONDS_TO_WAIT = 30.0


class Read(NamedTuple):
    """The run in force, when it last took changes into account, how far its scores may be off, they, and whose they
    are; all of one moment."""

    run: Run
    known_at: dt.datetime
    tolerance: float
    stored: dict[int, float]
    taken: Snapshot


class Command(SesameCommand):
    about = gettext_lazy(
        "Recompute the current run with the readable reference solver and compare. Exit code 1 on drift."
    )

    def run(self, **options: Any) -> dict[str, Any]:
        self.progress(_("Reading the population …"))
        run, known_at, tolerance, stored, taken = self._read()
        rule_set = RuleSet.objects.with_parts().get(pk=run.rule_set_id)
        self.progress(
            _("Recomputing %(citizen_ids)s citizens in plain loops …") % {"citizen_ids": len(taken.citizen_ids)}
        )
        as_of, until = microseconds(run.as_of), microseconds(run.latest(known_at))
        rules = rules_of(rule_set, taken.type_ids)
        own = reference.own_scores(taken.population, rules, as_of=as_of, until=until)
        exact = reference.solve(own, taken.population.ties, influence_of(rule_set), as_of=as_of)
        expected = {int(pk): score for pk, score in zip(taken.citizen_ids, exact, strict=True) if score is not None}
        drift = _drift(expected, stored, tolerance)
        result = {
            "run": run.pk,
            "scored": len(stored),
            "recomputed": len(expected),
            "tolerance": tolerance,
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
                stored = dict(Score.objects.filter(run=run).values_list("citizen_id", "value"))
                taken = snapshot.replay(run.as_of if run.is_replay else known_at, known_at=known_at)
                late = Change.objects.pending().filter(created_at__lte=known_at).count()
            if not late or run.is_replay:
                return Read(run, known_at, run.error_bound + ROUNDING, stored, taken)
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
