"""The audit trail: who did what to which record, and when; and the chain of hashes that seals it."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.enums import AuditAction, SubjectKind
from citizens.models.people import Citizen, User
from citizens.models.transactions import finished_before, transaction_id_field


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries of the trail."""

    def about(self, subject: models.Model) -> "AuditQuerySet":
        """What was done to this record."""
        return self.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk)

    def in_order(self) -> "AuditQuerySet":
        """In the order of the chain, which is that of commits."""
        return self.order_by("xid", "id")

    def after(self, xid: int, pk: int) -> "AuditQuerySet":
        """Those that come later in the order of the chain."""
        return self.filter(Q(xid__gt=xid) | Q(xid=xid, pk__gt=pk))

    def settled(self) -> "AuditQuerySet":
        """Those to which no earlier one can be added any more: older transactions have all ended."""
        return self.filter(xid__lt=finished_before())


class AuditEntry(models.Model):
    """One action. Rows are added, never changed or deleted.

    What is stored are codes and facts; they are worded when they are shown. A citizen goes by number, so that the trail
    outlives those whom a name would name.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system itself."
    )
    action = models.CharField(max_length=40, choices=AuditAction.choices)
    subject_kind = models.CharField(max_length=40, choices=SubjectKind.choices)
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject_name = models.CharField(max_length=160, blank=True, help_text="What it was called then; never a citizen.")
    citizen = models.ForeignKey(
        Citizen, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    old = models.JSONField(null=True, blank=True, help_text="Values before.")
    new = models.JSONField(null=True, blank=True, help_text="Values after.")
    reason = models.TextField(blank=True, help_text="What the person said about it.")
    facts = models.JSONField(default=dict, blank=True)
    xid = transaction_id_field()

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["xid", "id"], name="audit_in_order"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["citizen", "-id"], name="audit_by_citizen"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
        ]
        triggers = [pgtrigger.Protect(name="audit_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.get_subject_kind_display()} {self.subject_id or ''}".strip()

    def content(self) -> dict[str, Any]:
        """All that its hash covers."""
        return {
            "id": self.pk,
            "at": self.at.isoformat(),
            "actor": self.actor_id,
            "action": self.action,
            "subject_kind": self.subject_kind,
            "subject_id": self.subject_id,
            "subject_name": self.subject_name,
            "citizen": self.citizen_id,
            "old": self.old,
            "new": self.new,
            "reason": self.reason,
            "facts": self.facts,
            "xid": self.xid,
        }


class AuditSeal(models.Model):
    """One link of the chain: its hash covers an entry and the hash of the link before. The last one is the head."""

    position = models.BigIntegerField(primary_key=True, help_text="From 1, without a gap.")
    entry_id = models.BigIntegerField(unique=True)
    entry_xid = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        triggers = [pgtrigger.Protect(name="seals_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.position}: {self.hash[:12]}"


class AuditHead(models.Model):
    """Where the chain ends: one row, which moves with every batch of seals, and shows when the newest were removed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="one_head_of_the_chain",
                violation_error_message=_("The chain has one head."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.hash[:12]}"
