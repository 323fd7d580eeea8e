"""Perks and restrictions, together entitlements: what a score opens, and what it closes."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citizens.models.people import KEY_LENGTH
from scoring.engine.scale import CEILING, FLOOR
from scoring.rules.scale import on_the_scale

OUT_OF_RANGE = on_the_scale(_("The threshold must be from %(low)s to %(high)s."))
IN_RANGE = [MinValueValidator(FLOOR, OUT_OF_RANGE), MaxValueValidator(CEILING, OUT_OF_RANGE)]


class EntitlementQuerySet(models.QuerySet[Any]):
    """Perks, or restrictions."""

    def active(self) -> "EntitlementQuerySet":
        """Those that are in force."""
        return self.filter(is_active=True)


class Entitlement(models.Model):
    """What a perk and a restriction have in common: a threshold, on one side of which it holds."""

    # What it is, for people, and the field that holds its threshold.
    kind: ClassVar[Any]
    THRESHOLD: ClassVar[str]

    key = models.SlugField(max_length=KEY_LENGTH, unique=True)
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

    @threshold.setter
    def threshold(self, published: int) -> None:
        setattr(self, self.THRESHOLD, published)

    @classmethod
    def threshold_label(cls) -> str:
        """The words that stand before the threshold, such as “Opens at”."""
        return str(cls._meta.get_field(cls.THRESHOLD).verbose_name)  # type: ignore[union-attr]

    def missing_at(self, published: int) -> int:
        """Number of points by which a published score is below the threshold; 0 at or above it."""
        return max(0, self.threshold - published)

    def holds_at(self, published: Any) -> Any:
        """Whether it holds at a published score, or at each of an array of them; UNSCORED is a score here."""
        raise NotImplementedError

    def takes_two(self, threshold: int, is_active: bool) -> bool:
        """Whether a second person has to approve that it is set so: it would hold for more people, or be lost by some.

        A question of thresholds, not of who is there now: tomorrow others are.
        """
        raise NotImplementedError

    def count_holders(self, people: dict[int, int]) -> int:
        """Number of citizens for whom it holds, of `people` citizens at each published score; none while inactive."""
        return sum(count for published, count in people.items() if self.holds_at(published)) if self.is_active else 0


class Perk(Entitlement):
    """Open to citizens with at least this published score; never to the unscored."""

    kind = _("Perk")
    THRESHOLD = "opens_at"

    opens_at = models.PositiveSmallIntegerField(
        _("Opens at"),
        validators=IN_RANGE,
        help_text=on_the_scale(_("Lowest published score that opens it, %(low)s to %(high)s.")),
    )

    class Meta:
        ordering = ["opens_at", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__gte=FLOOR, opens_at__lte=CEILING),
                name="perk_threshold_in_range",
                violation_error_message=OUT_OF_RANGE,
            )
        ]

    def takes_two(self, threshold: int, is_active: bool) -> bool:
        if not self.is_active and not is_active:
            return False
        return (threshold, is_active) != (self.threshold, self.is_active)

    def holds_at(self, published: Any) -> Any:
        return published >= self.threshold


class Restriction(Entitlement):
    """Applies to citizens with a published score under this one; never to the unscored."""

    kind = _("Restriction")
    THRESHOLD = "closes_below"

    closes_below = models.PositiveSmallIntegerField(
        _("Applies below"),
        validators=IN_RANGE,
        help_text=on_the_scale(_("Published score below which it applies, %(low)s to %(high)s.")),
    )

    class Meta:
        ordering = ["closes_below", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_below__gte=FLOOR, closes_below__lte=CEILING),
                name="restriction_threshold_in_range",
                violation_error_message=OUT_OF_RANGE,
            )
        ]

    def takes_two(self, threshold: int, is_active: bool) -> bool:
        return is_active and (not self.is_active or threshold > self.threshold)

    def holds_at(self, published: Any) -> Any:
        return (published >= FLOOR) & (published < self.threshold)
