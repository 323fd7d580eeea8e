"""Imports a file of ties."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.enums import TieKind
from citizens.imports.blocks import Unreadable, parse_map
from citizens.imports.command import ImportCommand
from citizens.imports.ties import TieImport
from citizens.imports.ties.writing import TieOutcome


class Command(ImportCommand[TieOutcome]):
    about = gettext_lazy(
        "Import ties from an edge list, CSV, NDJSON or Parquet file; .gz as it is. Lines that cannot be used go "
        "to a quarantine file, with the reason; the others are imported whole or not at all. Importing the file again "
        "adds nothing. In a row, the second is what KIND says to the first. Columns are found by their names in the "
        "first line: first, second and, where it has them, kind and strength; without such names, the first two "
        "columns are meant, unless the first line has words where the second has numbers: then it is taken for a "
        "header and --map must say which column is which."
    )

    map_help = gettext_lazy("Where fields stand: first=1,second=2,kind=3,strength=4, or column names.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--kind", choices=TieKind.values, help=_("What the second is to the first, in every row."))
        parser.add_argument("--kinds", help=_("What the file's words mean: spouse=partner,mother=parent."))
        parser.add_argument(
            "--create-citizens", action="store_true", help=_("Create unknown citizens, with a consent.")
        )
        parser.add_argument(
            "--source",
            default="",
            help=_(
                "The source of that consent (default: import-<file>). Consent is per source: name the one whose "
                "behaviours come next, or give --create-citizens to import_behaviours too."
            ),
        )

    def job(self, options: dict[str, Any]) -> TieImport:
        return TieImport(
            path=options["file"],
            kind=TieKind(options["kind"]) if options["kind"] else None,
            places=parse_map(options["map"], TieImport.FIELDS),
            kinds=_kinds(options["kinds"]),
            prefix=options["prefix"],
            create_citizens=options["create_citizens"],
            source_key=options["source"],
        )


def _kinds(text: str | None) -> dict[str, TieKind]:
    kinds = {}
    for part in filter(None, (text or "").split(",")):
        word, _equals, kind = part.partition("=")
        if kind not in TieKind.values:
            raise Unreadable(
                _("--kinds takes word=kind pairs with the kinds %(values)s; not “%(part)s”.")
                % {"values": ", ".join(TieKind.values), "part": part}
            )
        kinds[word] = TieKind(kind)
    return kinds
