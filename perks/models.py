"""Perks and restrictions: what a score opens, and what it closes."""

from django.db import models
from django.db.models import Q


class Opening(models.Model):
    """What a perk and a restriction have in common."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="Where the threshold comes from.")
    is_active = models.BooleanField(default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Perk(Opening):
    """Open to citizens with at least this published score."""

    opens_at = models.PositiveSmallIntegerField(help_text="Lowest published score that opens it, 350 to 950.")

    class Meta:
        ordering = ["opens_at", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(opens_at__gte=350, opens_at__lte=950), name="perk_threshold_in_range")
        ]


class Restriction(Opening):
    """Applies to citizens with a published score under this one; never to the unscored."""

    closes_below = models.PositiveSmallIntegerField(help_text="Applies below this published score, 350 to 950.")

    class Meta:
        ordering = ["closes_below", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_below__gte=350, closes_below__lte=950), name="restriction_threshold_in_range"
            )
        ]
