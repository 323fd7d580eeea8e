"""What accounts may do: their roles. Those that publish, judge or could act as another take two people."""

from collections.abc import Collection

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import require, takes_two
from citizens.actions.audit import record
from citizens.actions.holds import note_hold
from citizens.enums import AuditAction, HoldKind, Right, Role
from citizens.four_eyes import require_independent
from citizens.models import RoleGrant, User


@transaction.atomic
def assign_roles(*, acting_user: User, account: User, roles: Collection[Role]) -> User:
    """Give the account exactly these roles; those that take two people are asked for, and wait for a second one.

    Nobody changes their own; its other groups stay, and so does what was asked for before. Raises ValidationError if
    the account is the acting user's or is not active.
    """
    require(acting_user, Right.MANAGE_ACCOUNTS)
    if account == acting_user:
        raise ValidationError({"roles": _("Your own roles are changed by another administrator.")})
    locked = _held_with(acting_user, account)
    if roles and not locked.is_active:
        raise ValidationError({"roles": _("This account is not active, so it can have no roles.")})
    before = set(locked.roles)
    _take(acting_user, locked, before - {*roles})
    for role in sorted({*roles} - before):
        if takes_two(role):
            _ask(acting_user, locked, role)
        else:
            _give(RoleGrant(account=locked, role=role, asked_by=acting_user), by=(acting_user,))
    after = User.objects.get(pk=locked.pk)
    if before != {*after.roles}:
        old, new = sorted(before), sorted(after.roles)
        record(actor=acting_user, action=AuditAction.ROLES_ASSIGNED, subject=locked, old=old, new=new)
    return after


@transaction.atomic
def confirm_role(*, acting_user: User, grant: RoleGrant) -> User:
    """Be the second person who gives a role.

    Raises ValidationError for whoever asked, for the owner of the account, and for whoever is not independent of the
    one who asked: made their account, set its password, or the like; or the other way round.
    """
    require(acting_user, Right.MANAGE_ACCOUNTS)
    locked = _held_with(acting_user, grant.account)
    pending = _pending(grant)
    if locked == acting_user:
        raise ValidationError({"roles": _("Your own roles are confirmed by another administrator.")})
    if pending.asked_by == acting_user:
        raise ValidationError({"roles": _("You asked for this role, so another administrator confirms it.")})
    if not locked.is_active:
        raise ValidationError({"roles": _("This account is not active, so it can have no roles.")})
    require_independent(acting_user=acting_user, first=pending.asked_by)
    pending.account, pending.confirmed_by = locked, acting_user
    _give(pending, by=(pending.asked_by, acting_user))
    asked_by = pending.asked_by.username if pending.asked_by else None
    record(actor=acting_user, action=AuditAction.ROLE_CONFIRMED, subject=locked, new=pending.role, asked_by=asked_by)
    return User.objects.get(pk=locked.pk)


@transaction.atomic
def decline_role(*, acting_user: User, grant: RoleGrant) -> RoleGrant:
    """Close what was asked for; whoever asked takes it back in the same way. Raises ValidationError if it is closed."""
    require(acting_user, Right.MANAGE_ACCOUNTS)
    _held_with(acting_user, grant.account)
    pending = _pending(grant)
    pending.ended_by, pending.ended_at = acting_user, timezone.now()
    pending.save(update_fields=["ended_by", "ended_at"])
    record(actor=acting_user, action=AuditAction.ROLE_DECLINED, subject=pending.account, old=pending.role)
    return pending


@transaction.atomic
def install_roles(*, account: User, roles: Collection[Role]) -> None:
    """Give an account its roles without people: what an installation brings along."""
    for role in roles:
        _give(RoleGrant(account=account, role=role), by=())
    record(actor=None, action=AuditAction.ROLES_ASSIGNED, subject=account, old=[], new=sorted(roles))


def _held_with(acting_user: User, account: User) -> User:
    """The account as it is now, of whose roles, and of whose own, nobody else changes anything meanwhile.

    Of two who take each other's role at the same moment, the second finds that theirs is gone.
    """
    both = User.objects.filter(pk__in=(acting_user.pk, account.pk)).order_by("pk")
    locked = {row.pk: row for row in both.select_for_update(of=("self",), no_key=True)}
    if account.pk not in locked:
        raise ValidationError({"roles": _("This account no longer exists.")})
    require(locked.get(acting_user.pk), Right.MANAGE_ACCOUNTS)
    return locked[account.pk]


def _pending(grant: RoleGrant) -> RoleGrant:
    rows = RoleGrant.objects.pending().select_related("account", "asked_by")
    found = rows.filter(pk=grant.pk).select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise ValidationError({"roles": _("This role is not waiting any more: somebody has decided already.")})
    return found


def _ask(acting_user: User, account: User, role: Role) -> None:
    if RoleGrant.objects.pending().filter(account=account, role=role).exists():
        return
    RoleGrant.objects.create(account=account, role=role, asked_by=acting_user)
    record(actor=acting_user, action=AuditAction.ROLE_ASKED, subject=account, new=role)


def _give(grant: RoleGrant, *, by: Collection[User | None]) -> None:
    grant.in_force_since = timezone.now()
    grant.save()
    grant.account.groups.add(Group.objects.get_or_create(name=grant.role)[0])
    for person in by:
        note_hold(account=grant.account, by=person, kind=HoldKind.ROLE)


def _take(acting_user: User, account: User, roles: Collection[Role]) -> None:
    account.groups.remove(*Group.objects.filter(name__in=roles))
    standing = RoleGrant.objects.in_force().filter(account=account, role__in=roles)
    standing.update(ended_by=acting_user, ended_at=timezone.now())
