"""Scores of a run."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from scoring.engine.scale import CEILING, FLOOR
from scoring.models.runs import Run
from scoring.rules.scale import on_the_scale


class ScoreQuerySet(models.QuerySet["Score"]):
    def current(self) -> "ScoreQuerySet":
        """The scores in force; changes in one instant when a run is published."""
        return self.filter(run__is_current=True)

    def people_per_number(self) -> dict[int, int]:
        """How many citizens have each published number."""
        return dict(self.order_by().values_list("published").annotate(models.Count("citizen_id")))


class Score(models.Model):
    """A scored citizen's numbers in one run, in points. The unscored have no row.

    The table is partitioned by run: a run fills a table of its own, which is attached before the run becomes current.
    """

    pk = models.CompositePrimaryKey("run_id", "citizen_id")
    run = models.ForeignKey(
        Run, on_delete=models.DO_NOTHING, related_name="scores", db_index=False, db_constraint=False
    )
    citizen = models.ForeignKey(
        Citizen, on_delete=models.DO_NOTHING, related_name="scores", db_index=False, db_constraint=False
    )
    own = models.FloatField()
    drag = models.FloatField(help_text="What ties take; 0 or less.")
    lift = models.FloatField(help_text="What ties give; 0 or more.")
    network = models.FloatField(help_text="Drag and lift together, after the cap.")
    value = models.FloatField(
        help_text=on_the_scale(_("Own score and network effect together, kept within %(low)s to %(high)s."))
    )
    published = models.SmallIntegerField(help_text="The value, rounded half up.")
    known_at = models.DateTimeField(
        null=True, help_text="When a live update last took this citizen's own rows into account; empty: the run did."
    )
    network_split = models.BinaryField(
        null=True,
        help_text="What may be shown of how drag and lift are made up, written with the run; empty: unknown.",
    )

    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(published__gte=FLOOR, published__lte=CEILING),
                name="published_score_in_range",
                violation_error_message=on_the_scale(_("A published score must be from %(low)s to %(high)s.")),
            )
        ]

    def __str__(self) -> str:
        return str(self.published)
