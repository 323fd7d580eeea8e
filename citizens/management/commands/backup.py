"""Makes a backup."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sesame_site.backups.making import make_backup
from sesame_site.backups.programs import ProgramFailed
from sesame_site.kit.cli import Found, SesameCommand
from sesame_site.kit.secret import secret_that_is_kept


class Command(SesameCommand):
    about = gettext_lazy(
        "Write the whole database, as it is at one moment, and the kept secret key to one file, while everything goes "
        "on. Keep the file as safe as the database: it holds everybody's data. `restore` reads it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place", metavar="FOLDER_OR_FILE", type=Path, help=_("A new file, or a folder to put one into.")
        )

    def run(self, **options: Any) -> dict[str, Any]:
        began, path = time.perf_counter(), _file(options["place"])
        self.progress(_("Writing %(file)s …") % {"file": path})
        try:
            about = make_backup(path)
        except ProgramFailed as error:
            raise Found(_("There is no backup: %(reason)s") % {"reason": error}) from error
        if not secret_that_is_kept():
            self.progress(_("SECRET_KEY is set in the environment and is not in the file: keep it yourself."))
        return {
            "file": str(path),
            "bytes": path.stat().st_size,
            "made_at": about.made_at,
            "secret_key": bool(secret_that_is_kept()),
            "seconds": round(time.perf_counter() - began, 2),
        }


def _file(place: Path) -> Path:
    if place.is_dir():
        place /= f"sesame-{timezone.now():%Y%m%dT%H%M%SZ}.backup"
    if place.exists():
        raise CommandError(_("%(file)s exists already. Name another file, or a folder.") % {"file": place})
    if not place.parent.is_dir():
        raise CommandError(_("There is no folder %(folder)s.") % {"folder": place.parent})
    return place
