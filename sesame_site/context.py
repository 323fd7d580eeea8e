"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from citizens.access import citizen_of, may_open_records, rights_of
from citizens.models import Citizen, Tie
from sesame_site.navigation import items_for


def page(request: HttpRequest) -> dict[str, Any]:
    """The menu, the account's rights, whether it belongs to a citizen and how many proposed ties wait for them.

    Each is looked up in an index, so none needs a cache, and pages do not fall with it.
    """
    user = getattr(request, "user", None)
    citizen, rights = citizen_of(user), rights_of(user)
    waiting = Tie.objects.proposed().of(citizen).exclude(proposed_by=citizen).count() if citizen else 0
    namespace = request.resolver_match.namespace if request.resolver_match else ""
    return {
        "shows_synthetic_data": Citizen.objects.synthetic().exists(),
        "is_citizen": citizen is not None,
        "is_in_console": namespace == "console",
        "is_signup_open": settings.OPEN_SIGNUP,
        "navigation": items_for(rights, is_citizen=citizen is not None, namespace=namespace),
        "rights": rights,
        "may_open_records": may_open_records(user),
        "ties_waiting": waiting,
    }


def mark_of_records(request: HttpRequest) -> list[str] | None:
    """The mark in the head of the raw records: (words, colour) while synthetic people are among them."""
    return [_("SYNTHETIC DATA"), "warning"] if Citizen.objects.synthetic().exists() else None
