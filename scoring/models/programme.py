"""The settings of the whole programme, in one row that every process sees at once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scoring.enums import Cadence

THE_ROW = 1


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def cadence(self) -> Cadence:
        """When what others do enters a published number; the guarded way where nobody has chosen."""
        chosen = self.filter(pk=THE_ROW).values_list("cadence", flat=True).first()
        return Cadence(chosen) if chosen else Cadence.RUN


class Programme(models.Model):
    """What holds for everybody, whatever the rule set. Until somebody changes it there is no row: the defaults hold."""

    id = models.SmallIntegerField(primary_key=True, default=THE_ROW, editable=False)
    cadence = models.CharField(
        max_length=8,
        choices=Cadence.choices,
        default=Cadence.RUN,
        help_text="When what others do enters a published number; see docs/model.md.",
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=THE_ROW),
                name="one_programme",
                violation_error_message=_("There is one programme, and it has its row already."),
            ),
            models.CheckConstraint(
                condition=Q(cadence__in=Cadence.values),
                name="programme_has_a_cadence",
                violation_error_message=_("Choose when others count: with each run, or at once."),
            ),
        ]

    def __str__(self) -> str:
        return "Programme"
