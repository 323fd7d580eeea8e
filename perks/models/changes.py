"""Changes of entitlements that one person asks for and a second one approves."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.models import User
from perks.models.entitlements import Entitlement, Perk, Restriction
from scoring.engine.scale import CEILING, FLOOR


class ThresholdChangeQuerySet(models.QuerySet["ThresholdChange"]):
    def pending(self) -> "ThresholdChangeQuerySet":
        return self.filter(decided_at__isnull=True)

    def of(self, opening: Entitlement) -> "ThresholdChangeQuerySet":
        return self.filter(**{field_of(opening): opening})


class ThresholdChange(models.Model):
    """A threshold, or the switch of an entitlement, as somebody wants it; in force once a second person approves it."""

    perk = models.ForeignKey(Perk, null=True, blank=True, on_delete=models.CASCADE, related_name="changes")
    restriction = models.ForeignKey(
        Restriction, null=True, blank=True, on_delete=models.CASCADE, related_name="changes"
    )
    old_threshold = models.PositiveSmallIntegerField()
    old_is_active = models.BooleanField()
    threshold = models.PositiveSmallIntegerField()
    is_active = models.BooleanField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    is_approved = models.BooleanField(default=False)

    objects = ThresholdChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(perk__isnull=True) ^ Q(restriction__isnull=True),
                name="change_is_of_one_entitlement",
                violation_error_message=_("A change is that of one perk or of one restriction."),
            ),
            models.CheckConstraint(
                condition=Q(threshold__gte=FLOOR, threshold__lte=CEILING),
                name="changed_threshold_in_range",
                violation_error_message=_("The threshold is not on the scale of scores."),
            ),
            models.CheckConstraint(
                condition=Q(is_approved=False) | ~Q(decided_by=F("asked_by")),
                name="change_is_approved_by_a_second_person",
                violation_error_message=_("Whoever asks for a change does not approve it."),
            ),
            models.CheckConstraint(
                condition=Q(is_approved=False) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="approved_change_says_by_whom",
                violation_error_message=_("An approved change says who approved it, and when."),
            ),
            *(
                models.UniqueConstraint(
                    fields=[name],
                    condition=Q(decided_at__isnull=True),
                    name=f"one_pending_change_of_a_{name}",
                    violation_error_message=_("A change of this is waiting already."),
                )
                for name in ("perk", "restriction")
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="changes_are_decided_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "OLD.decided_at IS NOT NULL OR "
                    "to_jsonb(OLD.*) - ARRAY['decided_by_id', 'decided_at', 'is_approved'] IS DISTINCT FROM "
                    "to_jsonb(NEW.*) - ARRAY['decided_by_id', 'decided_at', 'is_approved']"
                ),
                func="RAISE EXCEPTION 'A change is decided once, never edited.' USING ERRCODE = '23514';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opening}: {self.old_threshold} → {self.threshold}"

    @property
    def opening(self) -> Any:
        """The perk or the restriction."""
        return self.perk or self.restriction


def field_of(opening: Entitlement) -> str:
    """The field of a change that names this entitlement."""
    return opening._meta.model_name or ""
