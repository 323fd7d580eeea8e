"""Imports a file of behaviours."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.enums import Context
from citizens.imports.behaviours import BehaviourImport
from citizens.imports.behaviours.writing import BehaviourOutcome
from citizens.imports.blocks import Unreadable, parse_map
from citizens.imports.command import ImportCommand
from citizens.imports.people import found_or_created
from citizens.models import BehaviourType, Source


class Command(ImportCommand[BehaviourOutcome]):
    about = gettext_lazy(
        "Import behaviours from a CSV, NDJSON or Parquet file; .gz as it is. Lines that cannot be used "
        "go to a quarantine file, with the reason; the others are imported whole or not at all. Importing the file "
        "again adds nothing. The first line of a CSV file names the columns: citizen, behaviour (or type), occurred_at "
        "and, where it has them, amount and external_id; with --map it need not. Consent is per source: lines of "
        "citizens who have not consented to this one are set aside, and so are contexts it may not speak of."
    )

    map_help = gettext_lazy("Where fields stand: citizen=1,amount=2,occurred_at=3, or column names.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", required=True, help=_("Key of the source that furnishes these."))
        parser.add_argument("--create-source", action="store_true", help=_("Create the source if there is none."))
        parser.add_argument("--behaviour", help=_("Key of the behaviour type of every row."))
        parser.add_argument(
            "--create-behaviour",
            choices=Context.values,
            help=_(
                "Create that type, in this context. Amounts below 0 are set aside until its raw record allows them."
            ),
        )
        parser.add_argument(
            "--create-citizens",
            action="store_true",
            help=_(
                "Create unknown citizens, with a consent to this source that names the import. It is also recorded "
                "for those whom an import created for another source, unless they have an account, or anybody gave or "
                "withdrew a consent for them since: theirs is their own to give."
            ),
        )

    def job(self, options: dict[str, Any]) -> BehaviourImport:
        return BehaviourImport(
            path=options["file"],
            source=_source(options["source"], create=options["create_source"]),
            places=parse_map(options["map"], BehaviourImport.FIELDS),
            behaviour=_type(options["behaviour"], options["create_behaviour"]),
            prefix=options["prefix"],
            create_citizens=options["create_citizens"],
        )


def _source(key: str, *, create: bool) -> Source:
    if create:
        return found_or_created(Source, key, option="--source", name=key)
    source = Source.objects.filter(key=key).first()
    if source is None:
        there = ", ".join(Source.objects.values_list("key", flat=True)) or "none"
        raise Unreadable(
            _("There is no source “%(key)s” (there are: %(there)s). --create-source would create it.")
            % {"key": key, "there": there}
        )
    return source


def _type(key: str | None, context: str | None) -> BehaviourType | None:
    if key is None:
        if context:
            raise Unreadable(_("--create-behaviour needs --behaviour, to know what to create."))
        return None
    if context:
        name = key.replace("_", " ").replace("-", " ").capitalize()
        return found_or_created(BehaviourType, key, option="--behaviour", name=name, context=context)
    behaviour = BehaviourType.objects.filter(key=key).first()
    if behaviour is None:
        raise Unreadable(
            _("There is no behaviour type “%(key)s”. --create-behaviour CONTEXT would create it.") % {"key": key}
        )
    return behaviour
