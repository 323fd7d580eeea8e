"""Perks and restrictions, together entitlements: what a score opens, and what it closes."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from scoring.engine.scale import CEILING, FLOOR

IN_RANGE = [MinValueValidator(FLOOR), MaxValueValidator(CEILING)]


class EntitlementQuerySet(models.QuerySet[Any]):
    """Perks, or restrictions."""

    def active(self) -> "EntitlementQuerySet":
        """Those that are in force."""
        return self.filter(is_active=True)


class Entitlement(models.Model):
    """What a perk and a restriction have in common: a threshold, on one side of which it holds."""

    # What it is, for people, and the field that holds its threshold.
    kind: ClassVar[str]
    THRESHOLD: ClassVar[str]

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="Where the threshold comes from.")
    is_active = models.BooleanField(default=True)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def threshold(self) -> int:
        """The published score at which it changes."""
        return int(getattr(self, self.THRESHOLD))

    def holds_at(self, published: Any) -> Any:
        """Whether it holds at a published score, or at each of an array of them; UNSCORED is a score here."""
        raise NotImplementedError

    def count_holders(self, people: dict[int, int]) -> int:
        """Number of citizens for whom it holds, of `people` citizens at each published score; none while inactive."""
        return sum(count for published, count in people.items() if self.holds_at(published)) if self.is_active else 0


class Perk(Entitlement):
    """Open to citizens with at least this published score; never to the unscored."""

    kind = "Perk"
    THRESHOLD = "opens_at"

    opens_at = models.PositiveSmallIntegerField(
        validators=IN_RANGE, help_text=f"Lowest published score that opens it, {FLOOR} to {CEILING}."
    )

    class Meta:
        ordering = ["opens_at", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__gte=FLOOR, opens_at__lte=CEILING), name="perk_threshold_in_range"
            )
        ]

    def holds_at(self, published: Any) -> Any:
        return published >= self.opens_at


class Restriction(Entitlement):
    """Applies to citizens with a published score under this one; never to the unscored."""

    kind = "Restriction"
    THRESHOLD = "closes_below"

    closes_below = models.PositiveSmallIntegerField(
        validators=IN_RANGE, help_text=f"Applies below this published score, {FLOOR} to {CEILING}."
    )

    class Meta:
        ordering = ["closes_below", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_below__gte=FLOOR, closes_below__lte=CEILING), name="restriction_threshold_in_range"
            )
        ]

    def holds_at(self, published: Any) -> Any:
        return (published >= FLOOR) & (published < self.closes_below)
