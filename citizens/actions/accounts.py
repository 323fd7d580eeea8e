"""What accounts may do: their roles."""

from collections.abc import Collection

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right, Role
from citizens.models import User


@transaction.atomic
def assign_roles(*, acting_user: User, account: User, roles: Collection[Role]) -> User:
    """Give the account exactly these roles. Nobody changes their own; its other groups stay.

    Raises ValidationError if the account is the acting user's or is not active.
    """
    require(acting_user, Right.MANAGE_ACCOUNTS)
    if account == acting_user:
        raise ValidationError({"roles": _("Your own roles are changed by another administrator.")})
    locked = User.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    if roles and not locked.is_active:
        raise ValidationError({"roles": _("This account is not active, so it can have no roles.")})
    before, after = sorted(role for role in Role.values if role in locked.role_keys), sorted(roles)
    if before == after:
        return locked
    locked.groups.remove(*Group.objects.filter(name__in=Role.values))
    locked.groups.add(*(Group.objects.get_or_create(name=role)[0] for role in after))
    record(actor=acting_user, action=AuditAction.ROLES_ASSIGNED, subject=locked, old=before, new=after)
    return User.objects.get(pk=locked.pk)
