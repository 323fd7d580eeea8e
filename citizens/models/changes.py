"""The outbox: every write that could move a score leaves a row here in the same transaction."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from citizens.enums import ChangeKind
from citizens.models.people import Citizen


class ChangeQuerySet(models.QuerySet["Change"]):
    def pending(self) -> "ChangeQuerySet":
        return self.filter(applied_at__isnull=True)


class Change(models.Model):
    """Something the engine has yet to take into account."""

    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    citizen = models.ForeignKey(Citizen, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    subject_id = models.BigIntegerField(null=True, help_text="The row that changed; empty for an import of many.")
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["id"], name="change_pending", condition=Q(applied_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject_id or ''}".strip()
