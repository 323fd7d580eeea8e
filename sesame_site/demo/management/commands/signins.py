"""Who may sign in to the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.models import Citizen, User
from scoring.models import Run, Score
from sesame_site.demo.standing import where
from sesame_site.demo.town.build import ADMINISTRATORS, FURNISHER, PASSWORD
from sesame_site.kit.cli import SesameCommand


class Command(SesameCommand):
    about = gettext_lazy("Print the demo's address and sign-ins.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", help=_("Where it is served (default: where the demo runs now)."))

    def run(self, **options: Any) -> dict[str, Any]:
        if not User.objects.filter(username__in=ADMINISTRATORS).exists():
            raise CommandError(_("There is no demo town. Build one first: manage.py build_town"))
        return {
            "address": options["address"] or where(settings.SESAME_VAR) or "http://localhost:8000",
            "password": PASSWORD,
            "sign_ins": [*_staff(), *_citizens()],
            "rest_client": {"client_id": FURNISHER, "client_secret": PASSWORD, "scope": "behaviours:write"},
        }

    def show(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"\n  {result['address']}    password for all: {result['password']}\n")
        for row in result["sign_ins"]:
            self.stdout.write(f"    {row['user']:<6} {row['story']}")
        self.stdout.write(f"  REST client {FURNISHER} furnishes for the bank; its secret is the same.")
        self.stdout.write("")


def _staff() -> list[dict[str, str]]:
    """The administrators in the order of their names, each with its roles as they are now."""
    staff = User.objects.filter(username__in=ADMINISTRATORS).prefetch_related("groups").order_by("username")
    return [{"user": user.username, "story": _parts_of(user)} for user in staff]


def _parts_of(user: User) -> str:
    roles = ", ".join(str(role.label).lower() for role in user.roles)
    return _("administrator: %(roles)s") % {"roles": roles} if roles else _("administrator without a role")


def _citizens() -> list[dict[str, str]]:
    run = Run.objects.current()
    people = list(Citizen.objects.synthetic().filter(user__isnull=False).select_related("user").order_by("key"))
    scores = {score.citizen_id: score for score in Score.objects.filter(run=run, citizen__in=people)}
    return [
        {"user": person.user.username, "story": _story(scores.get(person.pk), run)} for person in people if person.user
    ]


def _story(score: Score | None, run: Run | None) -> str:
    if score is None or run is None:
        return "citizen; unscored"
    band = run.rule_set.band_of(score.published).name.lower()
    return f"citizen; {score.published}, {band}: own score {score.own:.0f}, people they know {score.network:+.0f}"
