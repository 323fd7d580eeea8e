"""Contests: a citizen's objection, judged by a human."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.models import Behaviour, Citizen
from scoring.enums import ContestStatus

LONGEST_TEXT = 2_000


class Contest(models.Model):
    """An objection to one behaviour. Upholding it retracts the behaviour."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="contests")
    behaviour = models.ForeignKey(Behaviour, on_delete=models.CASCADE, related_name="contests")
    statement = models.TextField(max_length=LONGEST_TEXT)
    status = models.CharField(max_length=12, choices=ContestStatus.choices, default=ContestStatus.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, max_length=LONGEST_TEXT)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["behaviour"],
                condition=Q(status=ContestStatus.OPEN),
                name="one_open_contest_per_behaviour",
                violation_error_message=_("There is an open objection to this behaviour already."),
            ),
            models.CheckConstraint(
                condition=Q(status=ContestStatus.OPEN)
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
                name="a_decision_names_its_judge_and_reason",
                violation_error_message=_("A decision needs a judge, a date and a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.citizen}: {self.behaviour}"
