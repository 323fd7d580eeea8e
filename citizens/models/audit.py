"""The audit trail: who did what to which record, and when."""

import pgtrigger
from django.db import models
from django.utils import timezone

from citizens.models.people import Citizen, User


class AuditEntry(models.Model):
    """One action. Rows are added, never changed or deleted."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system itself."
    )
    action = models.CharField(max_length=64)
    citizen = models.ForeignKey(
        Citizen, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    subject = models.CharField(max_length=160, help_text="The record acted upon, in words.")
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit entries"
        triggers = [pgtrigger.Protect(name="audit_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.action}: {self.subject}"
