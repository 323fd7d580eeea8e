"""Who read a citizen's score: applications with a token, and staff in the console."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citizens.enums import ReadKind
from citizens.models.people import Citizen, User


class ScoreRead(models.Model):
    """What one reader read of one citizen on one day, how often, and when last."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="reads", db_index=False)
    application = models.ForeignKey(
        "oauth2_provider.Application", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    account = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="Of the staff who looked."
    )
    what = models.CharField(max_length=12, choices=ReadKind.choices)
    day = models.DateField()
    times = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "application", "account", "what", "day"],
                nulls_distinct=False,
                name="one_row_of_reads_per_day",
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=True) ^ Q(account__isnull=True),
                name="read_by_an_application_or_by_staff",
                violation_error_message=_("Either an application read it, or an account."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application or self.account}: {self.get_what_display()}"


class ReadPlace(models.Model):
    """How far the stream of reads has been taken over: one row, which moves with what it took."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    stream_id = models.CharField(max_length=40, default="0-0")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1), name="one_place_of_reads", violation_error_message=_("There is one place of reads.")
            )
        ]

    def __str__(self) -> str:
        return self.stream_id
