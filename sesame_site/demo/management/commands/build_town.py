"""Builds the synthetic demo town."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.models import Citizen
from scoring.console.home import band_counts
from scoring.models import Run
from sesame_site.demo.town import DEFAULT_CITIZENS, FEWEST
from sesame_site.demo.town.build import build, finished_run, replay
from sesame_site.kit.cli import SesameCommand


class Command(SesameCommand):
    about = gettext_lazy("Build a synthetic town and score it. If there is one already, nothing is changed.")

    def add_arguments(self, parser: CommandParser) -> None:
        words = _("Number of people, at least %(fewest)s (default %(default)s).")
        words %= {"fewest": FEWEST, "default": DEFAULT_CITIZENS}
        parser.add_argument("--citizens", type=int, default=DEFAULT_CITIZENS, help=words)
        parser.add_argument("--seed", type=int, default=2017, help=_("Same seed and size, same town (default 2017)."))

    def run(self, **options: Any) -> dict[str, Any]:
        current = finished_run()
        if current:
            self.progress(_("There is a scored town already; it stays as it is."))
        elif Citizen.objects.synthetic().exists():
            self.progress(_("Going on with a town whose runs were interrupted."))
            current = replay(progress=self.progress)
        else:
            current = build(citizens=options["citizens"], seed=options["seed"], progress=self.progress)
        return {"citizens": Citizen.objects.count(), "scored": current.scored, "bands": _bands()}


def _bands() -> dict[str, int]:
    return {band: people for band, _scores, people, _share in band_counts(Run.objects.current())}
