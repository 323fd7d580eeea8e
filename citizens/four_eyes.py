"""Who may be the second person: independent of the first, and holding the right for a while already."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citizens.access import ROLES
from citizens.enums import HoldKind, Right
from citizens.models import Hold, RoleGrant, User

CONTROL = sorted(HoldKind.of_control())
# Whom somebody could act as: the accounts they control, those which these control, and so on.
REACH = """
    WITH RECURSIVE reach (id) AS (
        SELECT %(of)s::bigint
        UNION
        SELECT hold.account_id FROM citizens_hold hold JOIN reach ON hold.by_id = reach.id
        WHERE hold.kind = ANY(%(control)s)
    )
    SELECT id FROM reach
"""


def why_not_second(*, acting_user: User, right: Right, first: User | None) -> str | None:
    """Why this account cannot approve, with this right, what `first` began; None where it can.

    The account must be free of the first person, and must have had the right for the cooling period, in which nobody
    else touched it. Without a first person, as for what an installation brings, only the latter.
    """
    return _why_dependent(acting_user, first) or _why_too_young(acting_user, right)


def require_second(*, acting_user: User, right: Right, first: User | None) -> None:
    """Raises ValidationError, in words, unless this account can approve what `first` began."""
    if words := why_not_second(acting_user=acting_user, right=right, first=first):
        raise ValidationError(words, code="four_eyes")


def require_independent(*, acting_user: User, first: User | None) -> None:
    """Raises ValidationError, in words, unless this account is free of that of `first`."""
    if words := _why_dependent(acting_user, first):
        raise ValidationError(words, code="four_eyes")


def approves_from(user: User, right: Right) -> dt.datetime | None:
    """From when on this account can approve with this right; None if it does not have it on record."""
    since = _right_since(user, right)
    if since is None:
        return None
    touched = Hold.objects.filter(account=user, kind__in=[*CONTROL, HoldKind.CITIZEN], by__isnull=False)
    moments = [since, *touched.order_by("-at").values_list("at", flat=True)[:1]]
    return max(moments) + dt.timedelta(days=settings.COOLING_DAYS)


def _right_since(user: User, right: Right) -> dt.datetime | None:
    roles = [role for role in user.roles if right in ROLES[role]]
    since = list(
        RoleGrant.objects.in_force().filter(account=user, role__in=roles).values_list("in_force_since", flat=True)
    )
    if user.is_superuser:
        made = Hold.objects.filter(account=user, kind=HoldKind.SUPERUSER).order_by("-at").values_list("at", flat=True)
        since.append(made.first() or user.date_joined)
    return min((moment for moment in since if moment), default=None)


def _why_dependent(acting_user: User, first: User | None) -> str | None:
    if first is None or not _depends(acting_user, first):
        return None
    words = _(
        "Your account and that of %(first)s are not independent: one of them made the other, gave it a role, or set "
        "its password, second factors, address or citizen. Somebody else has to approve this."
    )
    return words % {"first": first}


def _depends(acting_user: User, first: User) -> bool:
    """Whether the first could act as the second, gave it what it may do, or could be acted as by it."""
    if acting_user == first:
        return True
    reach = _reach(first)
    return (
        acting_user.pk in reach
        or first.pk in _reach(acting_user)
        or Hold.objects.filter(account=acting_user, by__in=reach).exists()
    )


def _reach(user: User) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"of": user.pk, "control": CONTROL})
        return {pk for (pk,) in cursor.fetchall()}


def _why_too_young(acting_user: User, right: Right) -> str | None:
    moment = approves_from(acting_user, right)
    if moment is None:
        return _("Nobody knows since when your account has this right: %(right)s.") % {"right": right.label}
    if moment <= timezone.now():
        return None
    days = settings.COOLING_DAYS
    words = ngettext(
        "Your account can approve this from %(moment)s on: %(days)s day after it was given the right, or was last "
        "touched by somebody else, so that others have the time to notice.",
        "Your account can approve this from %(moment)s on: %(days)s days after it was given the right, or was last "
        "touched by somebody else, so that others have the time to notice.",
        days,
    )
    return words % {"moment": date_format(timezone.localtime(moment), "DATETIME_FORMAT"), "days": days}
