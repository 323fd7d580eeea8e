"""Every line that adds up to a score."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.models import Citizen
from scoring.explanation import explain
from scoring.explanation.values import as_values
from scoring.models import Run
from sesame_site.kit.cli import SesameCommand


class Command(SesameCommand):
    about = gettext_lazy("Show every line that adds up to a citizen's score.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("citizen", help=_("The citizen's key; `lowest` or `highest` for the ends of the scale."))
        parser.add_argument("--run", type=int, help=_("The number of a run; default: the current one."))

    def run(self, **options: Any) -> dict[str, Any]:
        run = self._run(options["run"])
        return as_values(explain(self._citizen(options["citizen"], run), run, exact=True))

    def show(self, result: dict[str, Any]) -> None:
        if result["score"] is None:
            self.stdout.write(f"{result['citizen']} is unscored. {result['unscored_reason']}")
            return
        self.stdout.write(f"{result['citizen']} as of {result['as_of']}, rule set v{result['rule_set']}")
        width = max(len(line["label"]) for line in result["lines"])
        for line in result["lines"]:
            self.stdout.write(f"  {line['label']:<{width}} {line['points']:>+10.3f}  {line['note']}")
        total = sum(line["points"] for line in result["lines"])
        self.stdout.write(f"  {'Score':<{width}} {total:>10.3f}  published as {result['score']} ({result['band']})")

    def _run(self, number: int | None) -> Run | None:
        if number is None:
            return Run.objects.current()
        run = Run.objects.published().filter(pk=number).first()
        if run is None:
            raise CommandError(_("There is no published run %(number)s.") % {"number": number})
        return run

    def _citizen(self, key: str, run: Run | None) -> Citizen:
        citizen = Citizen.objects.filter(key=key).first() if "\0" not in key else None
        if citizen is None and run and key in ("lowest", "highest"):
            order = "value" if key == "lowest" else "-value"
            score = run.scores.order_by(order, "citizen_id").first()
            citizen = Citizen.objects.get(pk=score.citizen_id) if score else None
        if citizen is None:
            raise CommandError(_("No citizen has the key “%(key)s”.") % {"key": key})
        return citizen
