"""What administrators do to perks and restrictions."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from citizens.actions.audit import record
from citizens.models import User
from perks.models import Perk, Restriction
from scoring.models.rule_sets import CEILING, FLOOR


@transaction.atomic
def move_threshold(
    *, acting_user: User, opening: Perk | Restriction, threshold: int, is_active: bool
) -> Perk | Restriction:
    """Set the score at which a perk opens or below which a restriction applies, in points 350 to 950."""
    if not (acting_user.is_active and acting_user.is_staff):
        raise PermissionDenied("Only administrators may change perks and restrictions.")
    if not FLOOR <= threshold <= CEILING:
        raise ValidationError({"threshold": f"The threshold must be from {FLOOR} to {CEILING}."})
    field = "opens_at" if isinstance(opening, Perk) else "closes_below"
    locked = type(opening).objects.select_for_update(of=("self",), no_key=True).get(pk=opening.pk)
    before = {"threshold": getattr(locked, field), "is_active": locked.is_active}
    setattr(locked, field, threshold)
    locked.is_active = is_active
    locked.save(update_fields=[field, "is_active"])
    after = {"threshold": threshold, "is_active": is_active}
    record(actor=acting_user, action=f"{field}.moved", subject=locked, before=before, after=after)
    return locked
