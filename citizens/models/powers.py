"""How accounts came by their roles, and what somebody else did to them by which they could be theirs."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.enums import HoldKind, Role
from citizens.models.people import User


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def pending(self) -> "RoleGrantQuerySet":
        """Asked for, and neither confirmed nor declined."""
        return self.filter(in_force_since__isnull=True, ended_at__isnull=True)

    def in_force(self) -> "RoleGrantQuerySet":
        return self.filter(in_force_since__isnull=False, ended_at__isnull=True)


class RoleGrant(models.Model):
    """A role of an account: who asked for it, who confirmed it where that takes a second person, since when it holds.

    The account has the role by being in the group of that name; this says how it came there.
    """

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    asked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system itself."
    )
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    in_force_since = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role"],
                condition=Q(ended_at__isnull=True),
                name="one_standing_grant_of_a_role",
                violation_error_message=_("This account has this role already, or it was asked for."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(asked_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="role_is_confirmed_by_a_second_person",
                violation_error_message=_("Whoever asks for a role does not confirm it."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(in_force_since__isnull=False),
                name="confirmed_role_is_in_force",
                violation_error_message=_("A role that was confirmed is in force."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="role_grants_are_not_edited",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(exclude=["confirmed_by", "in_force_since", "ended_by", "ended_at"]),
                func="RAISE EXCEPTION 'A role is confirmed or ended, never edited.' USING ERRCODE = '23514';",
            ),
            pgtrigger.Trigger(
                name="role_grants_are_decided_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "OLD.ended_at IS NOT NULL OR (OLD.in_force_since IS NOT NULL AND "
                    "(OLD.in_force_since, OLD.confirmed_by_id) IS DISTINCT FROM "
                    "(NEW.in_force_since, NEW.confirmed_by_id))"
                ),
                func="RAISE EXCEPTION 'A role is confirmed once and ended once.' USING ERRCODE = '23514';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_role_display()}"


class Hold(models.Model):
    """What somebody did to the account of another by which they could be the one who acts with it. Rows are added only.

    It says since when, too: a right with which one approves counts only when nobody else has touched the account for
    a while.
    """

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="holds")
    by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system itself."
    )
    kind = models.CharField(max_length=12, choices=HoldKind.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["by", "kind", "account"], name="hold_by_whom")]
        constraints = [
            models.CheckConstraint(
                condition=Q(by__isnull=True) | ~Q(by=F("account")),
                name="nobody_holds_their_own_account",
                violation_error_message=_("What people do to their own account is no hold of another."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="holds_are_not_edited", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_kind_display()}"
