"""What `make demo` runs before anything is served."""

import io
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.models import Citizen
from sesame_site.demo.town import DEFAULT_CITIZENS, FEWEST
from sesame_site.demo.town.build import finished_run
from sesame_site.kit.cli import SesameCommand

NOT_SCORED = gettext_lazy(
    "This database has citizens of its own but no finished run, so there is nothing to show yet, and a demo town is "
    "only built in an empty database. To score the citizens: install_rule_set (once) and rescore, each as "
    "`.venv/bin/python manage.py COMMAND`; then start again. To see the demo town: name another database "
    "(DATABASE_URL), or another folder for one (SESAME_VAR=/some/where make demo)."
)


class Command(SesameCommand):
    about = gettext_lazy(
        "Bring the database up to date, build the demo town unless a scored population is there; say who may sign in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        words = _("Number of people, at least %(fewest)s (default %(default)s).")
        words %= {"fewest": FEWEST, "default": DEFAULT_CITIZENS}
        parser.add_argument("--citizens", type=int, default=DEFAULT_CITIZENS, help=words)
        parser.add_argument("--address", default="http://localhost:8000")
        parser.add_argument("--signins", type=Path, required=True, help=_("The file that says who may sign in."))

    def run(self, **options: Any) -> dict[str, Any]:
        call_command("migrate", verbosity=0, interactive=False)
        # A build that was interrupted is written whole or not at all, or lacks only runs: build_town goes on with it.
        if finished_run() is None:
            if Citizen.objects.exists() and not Citizen.objects.synthetic().exists():
                raise CommandError(NOT_SCORED)
            call_command("build_town", citizens=options["citizens"], stdout=self.stdout, stderr=self.stderr)
        _write(options["signins"], _signins(options["address"]))
        return {"signins": str(options["signins"])}

    def show(self, result: dict[str, Any]) -> None:
        """Whoever asked reads the file."""


def _signins(address: str) -> str:
    signins = io.StringIO()
    try:
        call_command("signins", address=address, stdout=signins)
    except CommandError:
        return f"\n  {address}    with your own accounts; manage.py createsuperuser makes one\n\n"
    return signins.getvalue()


def _write(path: Path, text: str) -> None:
    """In one instant, as others wait for it."""
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)
