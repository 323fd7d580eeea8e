"""The only gate to a person's data: who may see whom, and which source may speak of whom."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from citizens.models import Citizen, Consent, Source, User

View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


def staff_only(view: View) -> View:
    """Send the anonymous to sign in; refuse everybody signed in who is not staff."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_staff:
            raise PermissionDenied("The console is for administrators.")
        return view(request, *args, **kwargs)

    return guarded


def for_citizens(view: Callable[..., HttpResponseBase]) -> View:
    """Gives the view the citizen the account belongs to; others are asked to sign in, or refused."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        citizen = citizen_of(request.user)
        if citizen is None:
            raise PermissionDenied("This account belongs to no citizen.")
        return view(request, citizen, *args, **kwargs)

    return guarded


def citizen_of(user: User | AnonymousUser) -> Citizen | None:
    """The citizen this account belongs to, if any; None for one that is not active, which a token may still name."""
    return Citizen.objects.filter(user=user).first() if user.is_authenticated and user.is_active else None


def account_of(request: HttpRequest) -> User:
    """The account that signed in; only for views that nobody else reaches."""
    assert isinstance(request.user, User)
    return request.user


def may_act_for(actor: User, citizen: Citizen) -> bool:
    return actor.is_active and (actor.is_staff or citizen.user_id == actor.pk)


def consented_keys(source: Source, keys: Iterable[str]) -> dict[str, int]:
    """The ids, by key, of those members among `keys` who have an active consent for the source."""
    rows = Consent.objects.active().filter(source=source, citizen__key__in=set(keys), citizen__left_at=None)
    return dict(rows.values_list("citizen__key", "citizen_id"))
