"""Checks the audit trail's chain of hashes."""

import re
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.actions.sealing import verify_chain
from sesame_site.kit.cli import Found, SesameCommand

NOTED = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


class Command(SesameCommand):
    about = gettext_lazy(
        "Recompute the chain of hashes over the audit trail, and name the first entry that was changed, removed or "
        "inserted. Note the head it prints somewhere else: with --noted, a chain that was rewritten as a whole is "
        "found out too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--noted", help=_("POSITION:HASH as an earlier check printed it."))

    def run(self, **options: Any) -> dict[str, Any]:
        verdict = verify_chain(noted=_noted(options["noted"]))
        result = {
            "checked": verdict.checked,
            "unsealed": verdict.unsealed,
            "head": f"{verdict.position}:{verdict.head}",
        }
        if verdict.fault:
            raise Found(verdict.fault, **result, entry=verdict.entry)
        return result


def _noted(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    if not (match := NOTED.fullmatch(text.strip())):
        raise CommandError(_("--noted takes POSITION:HASH, as an earlier check printed it."))
    return int(match[1]), match[2]
