"""Accounts that sign in, and the citizens who can be scored."""

import pghistory
import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from citizens.enums import Role
from sesame_site.kit.pages.sentences import filled

KEY_LENGTH = 64
KEY_TOO_LONG = filled(_("A key has at most %(most)s characters."), most=KEY_LENGTH)


class User(AbstractUser):
    """An account. It may belong to a citizen, have roles in the console, or both."""

    class Meta(AbstractUser.Meta):
        triggers = [
            # Only the command line and the database make superusers; whichever does, it is on record since when.
            pgtrigger.Trigger(
                name="superusers_are_on_record",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("is_superuser"),
                when=pgtrigger.After,
                func="IF NEW.is_superuser AND (TG_OP = 'INSERT' OR NOT OLD.is_superuser) THEN "
                "INSERT INTO citizens_hold (account_id, kind, at) VALUES (NEW.id, 'superuser', clock_timestamp()); "
                "END IF; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def role_keys(self) -> frozenset[str]:
        """The names of its groups, among them its roles. Uses prefetched groups if present."""
        return frozenset(group.name for group in self.groups.all())

    @property
    def roles(self) -> list[Role]:
        """Its roles, in the order of the table."""
        return [role for role in Role if role in self.role_keys]


class CitizenQuerySet(models.QuerySet["Citizen"]):
    def members(self) -> "CitizenQuerySet":
        """Those who have not left."""
        return self.filter(left_at__isnull=True)

    def synthetic(self) -> "CitizenQuerySet":
        return self.filter(is_synthetic=True)


@pghistory.track(
    fields=["name", "user", "left_at"],
    model_name="CitizenEvent",
    obj_field=pghistory.ObjForeignKey(related_name="events", related_query_name="event"),
    level=pgtrigger.Statement,
)
class Citizen(models.Model):
    """A person who can be scored."""

    key = models.CharField(
        max_length=KEY_LENGTH, unique=True, help_text="The identifier that sources and importers use."
    )
    name = models.CharField(max_length=120)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="citizen")
    is_synthetic = models.BooleanField(default=False, help_text="Invented by the generator; no real person.")
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = CitizenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(key=""), name="citizen_has_a_key", violation_error_message=_("A citizen needs a key.")
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")),
                name="citizen_leaves_after_joining",
                violation_error_message=_("A citizen cannot leave before joining."),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="citizen_synthetic", condition=Q(is_synthetic=True)),
            models.Index(OpClass(Upper("name"), "varchar_pattern_ops"), name="citizen_by_name"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="deletion_is_announced",
                operation=pgtrigger.Delete,
                when=pgtrigger.After,
                func="INSERT INTO citizens_change (kind, subject_id, created_at) "
                "VALUES ('deletion', OLD.id, clock_timestamp()); RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="behaviours_go_with_their_citizen",
                operation=pgtrigger.Delete,
                when=pgtrigger.After,
                func="DELETE FROM citizens_behaviour WHERE citizen_id = OLD.id; RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="citizens_keep_their_id",
                operation=pgtrigger.UpdateOf("id"),
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("id"),
                func="RAISE EXCEPTION 'A citizen keeps their id.' USING ERRCODE = '23514';",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_left(self) -> bool:
        return self.left_at is not None
