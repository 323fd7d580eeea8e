"""A full run by hand."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from scoring.actions.runs import execute_run, start_run
from scoring.enums import RunStatus, RunTrigger
from scoring.errors import RunRefused
from sesame_site.kit.cli import Found, SesameCommand


class Command(SesameCommand):
    help = "Recompute everybody's score with the published rule set, and publish the result whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--background", action="store_true", help="Hand it to a Celery worker and return.")

    def run(self, **options: Any) -> dict[str, Any]:
        try:
            run = start_run(acting_user=None, trigger=RunTrigger.COMMAND, background=options["background"])
        except RunRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["background"]:
            self.progress(f"Run {run.pk} is waiting for a worker.")
            return {"run": run.pk, "status": run.status}
        self.progress(f"Run {run.pk} with {run.rule_set} …")
        run = execute_run(run)
        result = {
            "run": run.pk,
            "status": run.status,
            "citizens": run.citizens,
            "scored": run.scored,
            "behaviours": run.behaviours,
            "ties": run.ties,
            "changed": run.changed,
            "pushes": run.pushes,
            "error_bound": run.error_bound,
            "seconds": run.seconds,
        }
        if run.status != RunStatus.PUBLISHED:
            raise Found(f"Run {run.pk} failed: {run.error} The earlier scores stand.", **result)
        return result
