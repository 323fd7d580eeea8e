"""Letting an application read, and taking it back."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from oauth2_provider.models import (
    get_access_token_model,
    get_grant_model,
    get_refresh_token_model,
    revoke_access_token,
)
from oauth2_provider.settings import oauth2_settings

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.models import Allowance, ApplicationScopes, Citizen, User

# For so long after an access token has expired, a new one can be fetched in its place.
UNUSED = dt.timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS)


def live_grants(user: User) -> list[Any]:
    """Everything with which an application can read for this account now or later: tokens, and codes not yet used."""
    now = timezone.now()
    tokens = get_access_token_model().objects.filter(user=user).select_related("application").order_by("id")
    codes = get_grant_model().objects.filter(user=user, expires__gt=now).select_related("application").order_by("id")
    renewable = Q(expires__gt=now - UNUSED, refresh_token__isnull=False, refresh_token__revoked=None)
    return [*tokens.filter(Q(expires__gt=now) | renewable), *codes]


@transaction.atomic
def note_allowed(*, acting_user: User, application: Any, scopes: Iterable[str]) -> None:
    """Puts on record that the person let the application read; the library has written what lets it."""
    asked = sorted(scopes)
    standing = Allowance.objects.standing().select_for_update(of=("self",), no_key=True)
    allowance, is_new = standing.get_or_create(user=acting_user, application=application, defaults={"scopes": asked})
    if not is_new:
        allowance.scopes = sorted({*allowance.scopes, *asked})
        allowance.save(update_fields=["scopes"])
    _record(acting_user, AuditAction.SHARING_ALLOWED, application, scopes=asked)


def allowed_since(user: User) -> dict[int, dt.datetime]:
    """Since when this account has let each application read something, by its own decisions."""
    return dict(Allowance.objects.standing().filter(user=user).values_list("application_id", "allowed_at"))


@transaction.atomic
def stop_sharing(*, acting_user: User, application: Any) -> None:
    """The application reads nothing for this account any more. Raises ValidationError if it could not anyway."""
    if not _revoke(user=acting_user, application=application):
        raise ValidationError(
            {"application": _("%(application)s can read nothing of yours.") % {"application": application.name}}
        )
    _record(acting_user, AuditAction.SHARING_STOPPED, application)


@transaction.atomic
def allow_scopes(*, acting_user: User, application: Any, scopes: Iterable[str]) -> ApplicationScopes:
    """The application may ask for exactly these scopes. With what it was given beyond them, it reads no more."""
    require(acting_user, Right.RAW_RECORDS)
    allowed = sorted(scopes)
    rows = ApplicationScopes.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(application=application).first() or ApplicationScopes(application=application)
    before, row.scopes = row.scopes, allowed
    if row.pk is None or before != allowed:
        row.save()
        _record(acting_user, AuditAction.SCOPES_ALLOWED, application, old=before, new=allowed)
        _revoke_beyond(application, {*allowed})
    return row


def _revoke_beyond(application: Any, allowed: set[str]) -> None:
    for token in get_access_token_model().objects.filter(application=application).order_by("id"):
        if not allowed.issuperset(token.scope.split()):
            for lasting in get_refresh_token_model().objects.filter(access_token=token, revoked=None).order_by("id"):
                lasting.revoke()
            revoke_access_token(token)
    for code in get_grant_model().objects.filter(application=application).order_by("id"):
        if not allowed.issuperset(code.scope.split()):
            code.delete()


def revoke_everything(account: User) -> None:
    """No application reads anything for this account any more. Within a transaction."""
    _revoke(user=account)


def _revoke(**which: Any) -> bool:
    """Whether there was anything to revoke: tokens, or codes with which to fetch some."""
    tokens = list(get_access_token_model().objects.filter(**which).order_by("id"))
    lasting = list(get_refresh_token_model().objects.filter(**which, revoked=None).order_by("id"))
    for token in tokens:
        revoke_access_token(token)
    for token in lasting:
        token.revoke()
    codes, _ = get_grant_model().objects.filter(**which).delete()
    Allowance.objects.standing().filter(**which).update(stopped_at=timezone.now())
    return bool(tokens or lasting or codes)


def _record(acting_user: User, action: AuditAction, application: Any, **facts: Any) -> None:
    citizen = Citizen.objects.filter(user=acting_user).first()
    name = application.name
    record(actor=acting_user, action=action, subject=application, name=name, citizen=citizen, **facts)
