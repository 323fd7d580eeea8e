"""Joining, leaving, and being forgotten."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from citizens.access import may_act_for
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import ChangeKind
from citizens.models import Citizen, User


@transaction.atomic
def join(*, acting_user: User, key: str, name: str) -> Citizen:
    """A new citizen, of whom nothing is known yet. Raises ValidationError if the key is taken or cannot be one."""
    _check_staff(acting_user)
    citizen = Citizen(key=key.strip(), name=name.strip())
    citizen.full_clean(exclude=["user"], validate_unique=False)
    try:
        with transaction.atomic():
            citizen.save()
    except IntegrityError as error:
        raise ValidationError({"key": "Another citizen has this key."}) from error
    record(actor=acting_user, action="citizen.join", subject=citizen, citizen=citizen)
    return citizen


@transaction.atomic
def link_account(*, acting_user: User, citizen: Citizen, account: User) -> Citizen:
    """From now on whoever signs in with this account is the citizen. Raises ValidationError if either has another."""
    _check_staff(acting_user)
    if account == acting_user:
        raise ValidationError({"account": "Another administrator has to link your own account."})
    held = _held(citizen)
    if held.has_left:
        raise ValidationError({"account": "This citizen has left."})
    if held.user is not None:
        raise ValidationError({"account": f"This citizen has the account {held.user.username}. Unlink it first."})
    held.user = account
    try:
        with transaction.atomic():
            held.save(update_fields=["user"])
    except IntegrityError as error:
        raise ValidationError({"account": f"{account.username} belongs to another citizen."}) from error
    record(actor=acting_user, action="citizen.link", subject=held, citizen=held, account=account.username)
    return held


@transaction.atomic
def unlink_account(*, acting_user: User, citizen: Citizen) -> Citizen:
    """The account belongs to nobody any more, and reads nothing of the citizen. Raises ValidationError without one."""
    _check_staff(acting_user)
    held = _held(citizen)
    if held.user is None:
        raise ValidationError({"account": "This citizen has no account."})
    username, held.user = held.user.username, None
    held.save(update_fields=["user"])
    record(actor=acting_user, action="citizen.unlink", subject=held, citizen=held, account=username)
    return held


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


@transaction.atomic
def forget(*, acting_user: User, citizen: Citizen, key: str) -> None:
    """Deletes all that is known of the citizen, scores and ties included; `key`, typed again, says who is meant."""
    _check_staff(acting_user)
    if key.strip() != citizen.key:
        raise ValidationError({"key": "This is not the citizen's key, so nothing was deleted."})
    # Without the name, which is not to outlive them here.
    record(actor=acting_user, action="citizen.forget", subject=f"citizen {citizen.pk}")
    citizen.delete()


def _held(citizen: Citizen) -> Citizen:
    """The citizen as they are now, and nobody changes them meanwhile."""
    rows = Citizen.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    return rows.get(pk=citizen.pk)


def _check_staff(acting_user: User) -> None:
    if not (acting_user.is_active and acting_user.is_staff):
        raise PermissionDenied("Only staff can do this.")
