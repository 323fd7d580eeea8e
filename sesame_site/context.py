"""What every page knows."""

from django.http import HttpRequest

from citizens.models import Citizen


def page(request: HttpRequest) -> dict[str, bool]:
    """Whether synthetic people are shown anywhere, and whether the account belongs to a citizen.

    Both are looked up in an index, so neither needs a cache, and pages do not fall with it.
    """
    user = getattr(request, "user", None)
    is_citizen = user is not None and user.is_authenticated and Citizen.objects.filter(user=user).exists()
    return {"shows_synthetic_data": Citizen.objects.synthetic().exists(), "is_citizen": is_citizen}


def mark_of_records(request: HttpRequest) -> list[str] | None:
    """The mark in the head of the raw records: (words, colour) while synthetic people are among them."""
    return ["SYNTHETIC DATA", "warning"] if Citizen.objects.synthetic().exists() else None
