"""What administrators do to perks and restrictions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.four_eyes import require_second
from citizens.models import User
from perks.models import Perk, Restriction, ThresholdChange
from perks.models.changes import field_of
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

    What would hold for more people, or be lost by some, is only asked for: a second person approves it.

    With `seen`, the `threshold` and `is_active` that the administrator had before them, what somebody else set since
    is not overwritten but refused. Setting what is set already leaves no trace.
    """
    require(acting_user, Right.MANAGE_PERKS)
    if not FLOOR <= threshold <= CEILING:
        raise ValidationError({"threshold": OUT_OF_RANGE})
    locked = _locked(opening)
    before = {"threshold": locked.threshold, "is_active": locked.is_active}
    if seen is not None and seen != before:
        raise ValidationError(_stale(locked), code="stale")
    after = {"threshold": threshold, "is_active": is_active}
    if after == before:
        return locked
    if locked.takes_two(threshold, is_active):
        _ask(acting_user, locked, after)
    else:
        _set(acting_user, locked, after)
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


@transaction.atomic
def approve_change(*, acting_user: User, change: ThresholdChange) -> Perk | Restriction:
    """Be the second person, and put the change in force.

    Raises ValidationError for whoever asked, for whoever is not independent of them or new to the right, and where the
    entitlement was set otherwise since.
    """
    require(acting_user, Right.MANAGE_PERKS)
    locked, pending = _locked(change.opening), _pending(change)
    if pending.asked_by == acting_user:
        raise ValidationError(_("You asked for this change, so another administrator approves it."), code="four_eyes")
    require_second(acting_user=acting_user, right=Right.MANAGE_PERKS, first=pending.asked_by)
    if (locked.threshold, locked.is_active) != (pending.old_threshold, pending.old_is_active):
        words = _("%(opening)s was set otherwise after this was asked for. Decline it, and ask anew.")
        raise ValidationError(words % {"opening": locked}, code="stale")
    _decide(acting_user, pending, is_approved=True)
    after = {"threshold": pending.threshold, "is_active": pending.is_active}
    _set(acting_user, locked, after, asked_by=pending.asked_by.username)
    return locked


@transaction.atomic
def decline_change(*, acting_user: User, change: ThresholdChange) -> ThresholdChange:
    """Close what was asked for; whoever asked takes it back in the same way."""
    require(acting_user, Right.MANAGE_PERKS)
    locked, pending = _locked(change.opening), _pending(change)
    _decide(acting_user, pending, is_approved=False)
    old = {"threshold": pending.threshold, "is_active": pending.is_active}
    record(actor=acting_user, action=AuditAction.THRESHOLD_DECLINED, subject=locked, old=old)
    return pending


def _locked(opening: Perk | Restriction) -> Perk | Restriction:
    """The row as it is now, locked until the transaction ends."""
    row = type(opening).objects.select_for_update(of=("self",), no_key=True).filter(pk=opening.pk).first()
    if row is None:
        raise ValidationError(_("%(opening)s no longer exists: somebody deleted it.") % {"opening": opening})
    return row


def _pending(change: ThresholdChange) -> ThresholdChange:
    rows = ThresholdChange.objects.pending().select_related("asked_by").filter(pk=change.pk)
    found = rows.select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise ValidationError(_("This change is not waiting any more: somebody has decided already."))
    return found


def _ask(acting_user: User, locked: Perk | Restriction, after: dict[str, Any]) -> None:
    if ThresholdChange.objects.pending().of(locked).exists():
        raise ValidationError(
            _("A change of %(opening)s is waiting for a second person already. Decline it first.") % {"opening": locked}
        )
    before = {"threshold": locked.threshold, "is_active": locked.is_active}
    old = {f"old_{name}": value for name, value in before.items()}
    ThresholdChange.objects.create(**{field_of(locked): locked}, asked_by=acting_user, **old, **after)
    record(actor=acting_user, action=AuditAction.THRESHOLD_ASKED, subject=locked, old=before, new=after)


def _set(acting_user: User, locked: Perk | Restriction, after: dict[str, Any], **facts: Any) -> None:
    before = {"threshold": locked.threshold, "is_active": locked.is_active}
    locked.threshold, locked.is_active = after["threshold"], after["is_active"]
    locked.save(update_fields=[locked.THRESHOLD, "is_active"])
    record(actor=acting_user, action=AuditAction.THRESHOLD_MOVED, subject=locked, old=before, new=after, **facts)


def _decide(acting_user: User, change: ThresholdChange, *, is_approved: bool) -> None:
    change.decided_by, change.decided_at, change.is_approved = acting_user, timezone.now(), is_approved
    change.save(update_fields=["decided_by", "decided_at", "is_approved"])
