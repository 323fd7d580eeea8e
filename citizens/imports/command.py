"""What the commands that import files have in common."""

import dataclasses
import time
from pathlib import Path
from typing import Any, Generic

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.imports.blocks import Unreadable
from citizens.imports.pipeline import Counts, Import, import_file
from sesame_site.kit.cli import Found, SesameCommand
from sesame_site.kit.memory import many_objects_that_stay


class ImportCommand(SesameCommand, Generic[Counts]):
    """Imports one file, as the job that a command makes of its options. Exit code 1: some lines were set aside."""

    map_help = gettext_lazy("Where fields stand: field=1,other=2, or column names.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--map", help=str(self.map_help))
        parser.add_argument("--prefix", default="", help=_("Put before every citizen's key in the file."))

    def job(self, options: dict[str, Any]) -> Import[Counts]:
        """The file and how to read it. Raises Unreadable, naming the option at fault."""
        raise NotImplementedError

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.perf_counter()
        try:
            # What the options ask to create is created with the rows, or not at all.
            with many_objects_that_stay(), transaction.atomic():
                outcome = import_file(self.job(options), progress=self.progress)
        except Unreadable as error:
            raise CommandError(str(error)) from error
        result = dataclasses.asdict(outcome) | {"seconds": round(time.perf_counter() - began, 2)}
        if outcome.quarantined:
            if not self.as_json:
                self.show(result)
            raise Found(
                _("%(quarantined)s lines could not be used; see %(quarantine)s")
                % {"quarantined": outcome.quarantined, "quarantine": outcome.quarantine},
                **result,
            )
        return result
