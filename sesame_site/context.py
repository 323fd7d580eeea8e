"""What every page knows."""

from django.core.cache import cache
from django.http import HttpRequest

from citizens.models import Citizen

SECONDS_REMEMBERED = 30


def page(request: HttpRequest) -> dict[str, bool]:
    """Whether synthetic people are shown anywhere, and whether the account belongs to a citizen."""
    user = getattr(request, "user", None)
    is_citizen = user is not None and user.is_authenticated and Citizen.objects.filter(user=user).exists()
    return {"shows_synthetic_data": shows_synthetic_data(), "is_citizen": is_citizen}


def shows_synthetic_data() -> bool:
    """True as soon as one citizen is synthetic; remembered for half a minute."""
    found = cache.get("shows_synthetic_data")
    if found is None:
        found = Citizen.objects.synthetic().exists()
        cache.set("shows_synthetic_data", found, SECONDS_REMEMBERED)
    return bool(found)
