"""Taking back what an application may read."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import (
    get_access_token_model,
    get_grant_model,
    get_refresh_token_model,
    revoke_access_token,
)
from oauth2_provider.settings import oauth2_settings

from citizens.actions.audit import record
from citizens.models import Citizen, User

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
def stop_sharing(*, acting_user: User, application: Any) -> None:
    """The application reads nothing for this account any more. Raises ValidationError if it could not anyway."""
    mine = {"user": acting_user, "application": application}
    tokens = list(get_access_token_model().objects.filter(**mine).order_by("id"))
    lasting = get_refresh_token_model().objects.filter(**mine, revoked=None)
    codes = get_grant_model().objects.filter(**mine)
    if not tokens and not lasting.exists() and not codes.exists():
        raise ValidationError({"application": f"{application.name} can read nothing of yours."})
    for token in tokens:
        revoke_access_token(token)
    for token in lasting.order_by("id"):
        token.revoke()
    codes.delete()
    citizen = Citizen.objects.filter(user=acting_user).first()
    record(actor=acting_user, action="sharing.stop", subject=f"application {application.name}", citizen=citizen)
