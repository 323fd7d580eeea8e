"""What administrators do to perks and restrictions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.models import User
from perks.models import Perk, Restriction
from perks.models.entitlements import OUT_OF_RANGE
from scoring.engine.scale import CEILING, FLOOR


@transaction.atomic
def move_threshold(
    *,
    acting_user: User,
    opening: Perk | Restriction,
    threshold: int,
    is_active: bool,
    seen: dict[str, Any] | None = None,
) -> Perk | Restriction:
    """Set the score at which a perk opens or below which a restriction applies, in points on the scale of scores.

    With `seen`, the `threshold` and `is_active` that the administrator had before them, what somebody else set since
    is not overwritten but refused. Setting what is set already leaves no trace.
    """
    require(acting_user, Right.MANAGE_PERKS)
    if not FLOOR <= threshold <= CEILING:
        raise ValidationError({"threshold": OUT_OF_RANGE})
    locked = type(opening).objects.select_for_update(of=("self",), no_key=True).filter(pk=opening.pk).first()
    if locked is None:
        raise ValidationError(_("%(opening)s no longer exists: somebody deleted it.") % {"opening": opening})
    before = {"threshold": locked.threshold, "is_active": locked.is_active}
    if seen is not None and seen != before:
        raise ValidationError(_stale(locked), code="stale")
    after = {"threshold": threshold, "is_active": is_active}
    if after == before:
        return locked
    locked.threshold = threshold
    locked.is_active = is_active
    locked.save(update_fields=[locked.THRESHOLD, "is_active"])
    record(actor=acting_user, action=AuditAction.THRESHOLD_MOVED, subject=locked, old=before, new=after)
    return locked


def _stale(opening: Perk | Restriction) -> str:
    """In words, what somebody else has set."""
    words = (
        _(
            "Somebody else set %(opening)s after you opened this page: it is at %(threshold)s and in force now. "
            "Look at it again before you save."
        )
        if opening.is_active
        else _(
            "Somebody else set %(opening)s after you opened this page: it is at %(threshold)s and switched off now. "
            "Look at it again before you save."
        )
    )
    return words % {"opening": opening, "threshold": opening.threshold}
