"""What every page knows."""

from typing import Any

from django.http import HttpRequest

from citizens.models import Citizen, Tie


def page(request: HttpRequest) -> dict[str, Any]:
    """Whether synthetic people are shown anywhere, whether the account belongs to a citizen, and how many proposals of
    ties wait for them.

    All are looked up in an index, so none needs a cache, and pages do not fall with it.
    """
    user = getattr(request, "user", None)
    citizen = Citizen.objects.filter(user=user).first() if user is not None and user.is_authenticated else None
    waiting = Tie.objects.proposed().of(citizen).exclude(proposed_by=citizen).count() if citizen else 0
    shows_synthetic_data = Citizen.objects.synthetic().exists()
    return {"shows_synthetic_data": shows_synthetic_data, "is_citizen": citizen is not None, "ties_waiting": waiting}


def mark_of_records(request: HttpRequest) -> list[str] | None:
    """The mark in the head of the raw records: (words, colour) while synthetic people are among them."""
    return ["SYNTHETIC DATA", "warning"] if Citizen.objects.synthetic().exists() else None
