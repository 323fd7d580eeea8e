"""Joining and leaving."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from citizens.access import may_act_for
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import ChangeKind
from citizens.models import Citizen, User


@transaction.atomic
def leave(*, acting_user: User, citizen: Citizen) -> Citizen:
    """The citizen leaves: unscored from now on, and counting for nobody."""
    if not may_act_for(acting_user, citizen):
        raise PermissionDenied("Only the citizen or staff can do this.")
    if not Citizen.objects.filter(pk=citizen.pk, left_at=None).update(left_at=timezone.now()):
        raise ValidationError({"citizen": "This citizen has already left."})
    citizen.refresh_from_db()
    record(actor=acting_user, action="citizen.leave", subject=citizen, citizen=citizen)
    announce(kind=ChangeKind.CITIZEN, citizen=citizen, subject_id=citizen.pk)
    return citizen
