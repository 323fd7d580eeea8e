"""Joining, leaving, and being forgotten."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import LockNotAvailable

from citizens.access import may_act_for, require
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.actions.holds import note_hold
from citizens.actions.sharing import revoke_everything
from citizens.enums import AuditAction, ChangeKind, HoldKind, Right
from citizens.models import Change, Citizen, Consent, Tie, User

TAKEN = gettext_lazy("Another citizen has this key, or one that differs in capitals only.")
SECONDS_TO_WAIT = 5


@transaction.atomic
def join(*, acting_user: User, key: str, name: str) -> Citizen:
    """A new citizen, of whom nothing is known yet. Raises ValidationError if the key is taken or cannot be one."""
    require(acting_user, Right.MANAGE_PEOPLE)
    citizen = Citizen(key=key.strip(), name=name.strip())
    citizen.full_clean(exclude=["user"], validate_unique=False)
    if not citizen.key.isprintable():
        raise ValidationError({"key": _("A key has no characters that cannot be seen.")})
    # Importers tell capitals apart; people who type keys do not.
    if Citizen.objects.filter(key__iexact=citizen.key).exists():
        raise ValidationError({"key": TAKEN})
    try:
        with transaction.atomic():
            citizen.save()
    except IntegrityError as error:
        raise ValidationError({"key": TAKEN}) from error
    record(actor=acting_user, action=AuditAction.CITIZEN_JOINED, subject=citizen, citizen=citizen)
    return citizen


@transaction.atomic
def link_account(*, acting_user: User, citizen: Citizen, account: User) -> Citizen:
    """From now on whoever signs in with this account is the citizen. Raises ValidationError if either has another."""
    require(acting_user, Right.MANAGE_ACCOUNTS)
    _check_not_own(acting_user, account)
    if not account.is_active:
        raise ValidationError({"account": _("Nobody can sign in with this account: it is not active.")})
    with held(citizen) as mine:
        if mine.has_left:
            raise ValidationError({"account": _("This citizen has left.")})
        if mine.user is not None:
            raise ValidationError(
                {"account": _("This citizen has the account %(user)s. Unlink it first.") % {"user": mine.user.username}}
            )
        mine.user = account
        try:
            with transaction.atomic():
                mine.save(update_fields=["user"])
        except IntegrityError as error:
            raise ValidationError(
                {"account": _("%(account)s belongs to another citizen.") % {"account": account.username}}
            ) from error
    note_hold(account=account, by=acting_user, kind=HoldKind.CITIZEN)
    record(actor=acting_user, action=AuditAction.ACCOUNT_LINKED, subject=mine, citizen=mine, new=account.username)
    return mine


@transaction.atomic
def unlink_account(*, acting_user: User, citizen: Citizen) -> Citizen:
    """Separates the citizen from their account, whose applications can read nothing of them from then on.

    Raises ValidationError if the citizen has no account, or if it is the one that acts.
    """
    require(acting_user, Right.MANAGE_ACCOUNTS)
    with held(citizen) as mine:
        account = mine.user
        if account is None:
            raise ValidationError({"account": _("This citizen has no account.")})
        _check_not_own(acting_user, account)
        mine.user = None
        mine.save(update_fields=["user"])
    revoke_everything(account)
    note_hold(account=account, by=acting_user, kind=HoldKind.CITIZEN)
    record(actor=acting_user, action=AuditAction.ACCOUNT_UNLINKED, subject=mine, citizen=mine, old=account.username)
    return mine


@transaction.atomic
def leave(*, acting_user: User, citizen: Citizen) -> Citizen:
    """The citizen leaves: unscored from now on, and counting for nobody. Their consents and ties end with it."""
    if not may_act_for(acting_user, citizen):
        raise PermissionDenied(_("Only the citizen, or somebody who manages people, can do this."))
    if not Citizen.objects.filter(pk=citizen.pk, left_at=None).update(left_at=timezone.now()):
        raise ValidationError({"citizen": _("This citizen has already left.")})
    citizen.refresh_from_db()
    Consent.objects.active().filter(citizen=citizen).update(withdrawn_at=timezone.now())
    ties = Tie.objects.of(citizen)
    live = list(ties.live().values_list("pk", flat=True))
    ties.filter(ended_at=None).update(ended_at=timezone.now())
    record(actor=acting_user, action=AuditAction.CITIZEN_LEFT, subject=citizen, citizen=citizen)
    announce(kind=ChangeKind.CITIZEN, citizen=citizen, subject_id=citizen.pk)
    Change.objects.bulk_create([Change(kind=ChangeKind.TIE, subject_id=tie) for tie in live])
    return citizen


@transaction.atomic
def forget(*, acting_user: User, citizen: Citizen, key: str) -> None:
    """Deletes all that is known of the citizen, scores and ties included; `key`, typed again, says who is meant.

    The account stays, and belongs to nobody. So does the audit trail, which has no names of citizens.
    """
    require(acting_user, Right.MANAGE_PEOPLE)
    with held(citizen) as mine:
        if key.strip() != mine.key.strip():
            raise ValidationError({"key": _("This is not the citizen's key, so nothing was deleted.")})
        if mine.user is not None:
            revoke_everything(mine.user)
        mine.events.all().delete()  # type: ignore[attr-defined]
        record(actor=acting_user, action=AuditAction.CITIZEN_FORGOTTEN, subject=mine, citizen=mine)
        mine.delete()


@contextmanager
def held(citizen: Citizen) -> Iterator[Citizen]:
    """The citizen as they are now, of whom nobody else writes anything meanwhile; within a transaction.

    Raises ValidationError if they are not there any more, or if somebody writes about them for long, as imports do.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{SECONDS_TO_WAIT}s'")
        mine = Citizen.objects.select_for_update(of=("self",)).select_related("user").filter(pk=citizen.pk).first()
        if mine is None:
            raise ValidationError({"citizen": _("There is no such citizen any more.")})
        yield mine
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        busy = _(
            "Something is being written about this citizen, an import perhaps. Nothing was changed; try again later."
        )
        raise ValidationError({"citizen": busy}) from error


def _check_not_own(acting_user: User, account: User) -> None:
    if account == acting_user:
        raise ValidationError({"account": _("Your own account is linked and unlinked by another administrator.")})
