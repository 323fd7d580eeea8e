"""Restores a backup."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sesame_site.backups.archive import DamagedBackup
from sesame_site.backups.programs import ProgramFailed
from sesame_site.backups.restoring import RestoreRefused, restore_backup
from sesame_site.kit.cli import Found, SesameCommand


class Command(SesameCommand):
    about = gettext_lazy(
        "Restore what `backup` wrote, into this database, whole or not at all. The server may be another one, and not "
        "older; this program too. Stop all other processes first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--overwrite", action="store_true", help=_("Replace all that is in a database that is not empty.")
        )

    def run(self, **options: Any) -> dict[str, Any]:
        began, path = time.perf_counter(), options["file"]
        self.progress(_("Restoring %(file)s …") % {"file": path})
        try:
            about, has_key = restore_backup(path, overwrite=options["overwrite"])
        except RestoreRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except (DamagedBackup, ProgramFailed) as error:
            raise Found(
                _("Nothing was restored, and the database is as it was: %(reason)s") % {"reason": error}
            ) from error
        if not has_key:
            self.progress(
                _("The secret key is not from the backup. Set SECRET_KEY as it was, or everybody has to sign in again.")
            )
        return {
            "file": str(path),
            "made_at": about.made_at,
            "secret_key": has_key,
            "seconds": round(time.perf_counter() - began, 2),
        }
