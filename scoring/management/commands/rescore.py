"""A full run by hand."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.actions.runs import execute_run, start_run
from scoring.engine.cluster.readiness import ClusterRefused, refuse_unless_ready
from scoring.enums import RunEngine, RunStatus, RunTrigger
from scoring.errors import RunRefused
from scoring.tasks import start_run_in_background
from sesame_site.kit.cli import Found, SesameCommand


class Command(SesameCommand):
    about = gettext_lazy(
        "Recompute everybody's score with the published rule set, and publish the result whole or not at all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--background", action="store_true", help=_("Hand it to a Celery worker and return."))
        parser.add_argument("--engine", choices=RunEngine.values, default=RunEngine.LOCAL, help=_("What computes it."))
        parser.add_argument(
            "--master", help=_("The Spark cluster (default: the setting SPARK_MASTER), such as local[2].")
        )

    def run(self, **options: Any) -> dict[str, Any]:
        engine = RunEngine(options["engine"])
        if options["master"] and engine != RunEngine.SPARK:
            raise CommandError(_("--master goes with --engine spark."))
        try:
            if engine == RunEngine.SPARK:
                _prepare_spark(options["master"], background=options["background"])
            start = start_run_in_background if options["background"] else start_run
            run = start(acting_user=None, trigger=RunTrigger.COMMAND, engine=engine)
        except (RunRefused, ClusterRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["background"]:
            self.progress(_("Run %(run_pk)s is waiting for a worker.") % {"run_pk": run.pk})
            return {"run": run.pk, "status": run.status}
        self.progress(_("Run %(run_pk)s with %(rule_set)s …") % {"run_pk": run.pk, "rule_set": run.rule_set})
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
            raise Found(
                _("Run %(run)s failed, and the earlier scores stand. Why: %(error)s")
                % {"run": run.pk, "error": run.error},
                **result,
            )
        return result


def _prepare_spark(master: str | None, *, background: bool) -> None:
    """Refuses before a run is created what could not work; `master` holds for this process."""
    if master and background:
        raise CommandError(_("--master names the cluster for a run by this command; a worker takes SPARK_MASTER."))
    settings.SPARK_MASTER = master or settings.SPARK_MASTER
    refuse_unless_ready(settings.SPARK_MASTER)
