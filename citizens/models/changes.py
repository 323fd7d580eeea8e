"""The outbox: every write that could move a score leaves a row here in the same transaction."""

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citizens.enums import ChangeKind
from citizens.models.people import Citizen
from citizens.models.transactions import first_unseen_by, is_visible_in, transaction_id_field

CHANNEL = "sesame_changes"
# As many as are written while a clock is ahead by the seconds that happen.
CHANGES_TO_READ_CLOCKS_FROM = 10_000


class ChangeQuerySet(models.QuerySet["Change"]):
    def pending(self) -> "ChangeQuerySet":
        return self.filter(applied_at__isnull=True)

    def visible_in(self, pg_snapshot: str) -> "ChangeQuerySet":
        """The changes written by transactions that are visible in this value of PostgreSQL's type pg_snapshot."""
        return self.filter(is_visible_in(pg_snapshot))

    def latest_clock(self) -> dt.datetime | None:
        """The latest moment on any clock by which the newest changes were written; None without any.

        Clocks of machines differ. What is written by one that is ahead must not seem to come later than who knows it.
        """
        newest = self.order_by("-id")[:CHANGES_TO_READ_CLOCKS_FROM]
        latest: dt.datetime | None = newest.aggregate(latest=models.Max("created_at"))["latest"]
        return latest

    def not_visible_in(self, pg_snapshot: str) -> "ChangeQuerySet":
        """The changes written by transactions that are not visible in it."""
        # All before the oldest that was under way are visible, and this condition can use the index.
        return self.filter(~Q(is_visible_in(pg_snapshot)), xid__gte=first_unseen_by(pg_snapshot))


class Change(models.Model):
    """Something the engine has yet to take into account.

    `xid` is the transaction that wrote it. Row numbers and clocks do not tell which of two transactions became
    visible first; whether `xid` belongs to a snapshot of the database does (`is_visible_in`).
    """

    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    citizen = models.ForeignKey(
        Citizen, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    subject_id = models.BigIntegerField(null=True, help_text="The row that changed; empty for an import of many.")
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    xid = transaction_id_field()

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="change_pending", condition=Q(applied_at__isnull=True)),
            models.Index(fields=["xid"], name="change_by_transaction"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="engine_is_told",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func=f"PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject_id or ''}".strip()
