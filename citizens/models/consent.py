"""Which source may speak of which citizen."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.enums import ConsentOrigin
from citizens.models.behaviours import Source
from citizens.models.people import Citizen


class ConsentQuerySet(models.QuerySet["Consent"]):
    def active(self) -> "ConsentQuerySet":
        return self.filter(withdrawn_at__isnull=True)

    def counting_at(self, moment: dt.datetime) -> "ConsentQuerySet":
        """Active at `moment`, and not waiting then because an earlier one was withdrawn."""
        return self.active_at(moment).filter(Q(counts_from__isnull=True) | Q(counts_from__lte=moment), is_waiting=False)

    def active_at(self, moment: dt.datetime) -> "ConsentQuerySet":
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment), granted_at__lte=moment)


class Consent(models.Model):
    """A receipt: the citizen agreed that this source furnishes behaviours, until withdrawn.

    One that is given again after a withdrawal waits as long as a new tie before it counts for scores: else whoever
    takes it back for a day could choose the day on which a source counts.
    """

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="consents")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="consents")
    granted_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=8, choices=ConsentOrigin.choices, default=ConsentOrigin.FORM)
    receipt = models.CharField(max_length=200, blank=True, help_text="The name of the form, or of the imported file.")
    is_waiting = models.BooleanField(
        default=False, db_default=False, help_text="It was given again after a withdrawal, and does not count yet."
    )
    counts_from = models.DateTimeField(
        null=True, blank=True, help_text="When its wait was over; empty: it has counted since it was given, or waits."
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "source"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_active_consent_per_source",
                violation_error_message=_("This citizen already consents to this source."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("granted_at")),
                name="consent_is_withdrawn_after_it_is_given",
                violation_error_message=_("A consent cannot be withdrawn before it was given."),
            ),
            models.CheckConstraint(
                condition=Q(is_waiting=False) | Q(counts_from__isnull=True),
                name="consent_waits_or_counts",
                violation_error_message=_("A consent that waits does not count yet."),
            ),
        ]
        indexes = [models.Index(fields=["granted_at"], name="consent_waiting", condition=Q(is_waiting=True))]

    def __str__(self) -> str:
        return f"{self.citizen} → {self.source}"
