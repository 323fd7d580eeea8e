"""Where the followers of the stream of movements stand."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.followers import following, stream
from scoring.followers.registry import followers
from scoring.models import FollowerPlace
from sesame_site.kit.cli import SesameCommand


class Command(SesameCommand):
    about = gettext_lazy("Show where each follower of the stream of movements stands, or send one back.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rewind", metavar="NAME", help=_("Forget what this follower did, and have it begin again.")
        )
        parser.add_argument(
            "--to", metavar="MOMENT", help=_("With --rewind: go back to this moment only, such as 2026-03-01T12:00.")
        )

    def run(self, **options: Any) -> dict[str, Any]:
        if options["to"] is not None and not options["rewind"]:
            raise CommandError(_("--to goes with --rewind."))
        if options["rewind"]:
            _rewind(options["rewind"], options["to"])
        return {"followers": [_standing(name) for name in sorted(followers)]}

    def show(self, result: dict[str, Any]) -> None:
        for standing in result["followers"]:
            self.stdout.write(_in_words(standing))


def _rewind(name: str, to: str | None) -> None:
    if name not in followers:
        known = ", ".join(sorted(followers))
        raise CommandError(
            _("There is no follower named “%(name)s”. The followers are: %(known)s.") % {"name": name, "known": known}
        )
    following.rewind(followers[name], _moment(to) if to is not None else None)


def _moment(text: str) -> dt.datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(
            _("“%(text)s” is not a moment. Write it like 2026-03-01T12:00, with or without an offset.") % {"text": text}
        )
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _standing(name: str) -> dict[str, Any]:
    place = FollowerPlace.objects.filter(name=name).first() or FollowerPlace(name=name)
    lag = stream.lag(place)
    return {
        "name": name,
        "transaction": place.xid,
        "movement": place.movement_id,
        "followed_at": place.followed_at,
        "lag_movements": lag.movements,
        "lag_seconds": round((timezone.now() - lag.since).total_seconds(), 3) if lag.since else 0.0,
        "error": place.error,
    }


def _in_words(standing: dict[str, Any]) -> str:
    if standing["error"]:
        return _("%(name)s stands still (%(lag_movements)d movements behind): %(error)s") % standing
    if not standing["lag_movements"]:
        return _("%(name)s has followed everything.") % standing
    return (
        ngettext(
            "%(name)s is %(lag_movements)d movement and %(lag_seconds).1f seconds behind.",
            "%(name)s is %(lag_movements)d movements and %(lag_seconds).1f seconds behind.",
            standing["lag_movements"],
        )
        % standing
    )
