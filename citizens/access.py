"""The only gate to a person's data: who may see whom, and which source may speak of whom."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest

from citizens.models import Citizen, Consent, Source, User


def visible_to(actor: User | AnonymousUser) -> QuerySet[Citizen]:
    """The citizens whose data this account may see: staff everybody, a citizen themselves, others nobody."""
    if not actor.is_authenticated or not actor.is_active:
        return Citizen.objects.none()
    return Citizen.objects.all() if actor.is_staff else Citizen.objects.filter(user=actor)


def citizen_of(user: User | AnonymousUser) -> Citizen | None:
    """The citizen this account belongs to, if any."""
    return Citizen.objects.filter(user=user).first() if user.is_authenticated else None


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
