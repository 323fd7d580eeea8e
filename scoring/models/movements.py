"""Movements: published numbers that changed, in the order in which they were committed, and who follows them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from citizens.models.transactions import transaction_id_field
from scoring.engine.scale import whole
from scoring.models.rule_sets import Band, RuleSet
from scoring.models.runs import Run

CHANNEL = "sesame_movements"


class Movement(models.Model):
    """One change of a citizen's published score. It is kept when the scores of its run are dropped.

    The primary key is indexed by citizen and `id`, which finds the movements of one citizen. Followers of the stream
    read it in segments, which a small index on ranges of `id` finds.
    """

    citizen = models.ForeignKey(
        Citizen, on_delete=models.DO_NOTHING, related_name="movements", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(Run, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    as_of = models.DateTimeField()
    before = models.SmallIntegerField(null=True, help_text="The number before; empty: was not scored.")
    published = models.SmallIntegerField(null=True, help_text="Empty: no longer scored.")
    band_before = models.ForeignKey(
        Band,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="By the rule set that was in force then.",
    )
    band = models.ForeignKey(
        Band, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    own = models.FloatField(null=True)
    network = models.FloatField(null=True)
    xid = transaction_id_field()

    class Meta:
        ordering = ["as_of"]

    def __str__(self) -> str:
        return f"{self.published} as of {self.as_of:%Y-%m-%d}"

    @property
    def network_in_whole_points(self) -> int | None:
        """The network effect as the citizen, and whomever they let read, sees it."""
        return None if self.network is None else whole(self.network)


class Segment(models.Model):
    """The movements that one transaction wrote: those with its `xid`, their `id` from `first_id` to `last_id`.

    Ids between the two may belong to other transactions, and rows of erased citizens are gone; `movements` counts
    what was written.
    """

    xid = models.BigIntegerField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    movements = models.PositiveIntegerField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["xid"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_id__lte=F("last_id")),
                name="segment_ids_in_order",
                violation_error_message=_("The last movement cannot come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(movements__gt=0),
                name="segment_is_not_empty",
                violation_error_message=_("There is a segment only where there are movements."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.movements} movements of transaction {self.xid}"


class FollowerPlace(models.Model):
    """How far a follower has come: through all transactions before `xid`, and in that one up to `movement_id`."""

    name = models.CharField(max_length=60, primary_key=True)
    xid = models.BigIntegerField(default=0)
    movement_id = models.BigIntegerField(default=0)
    followed_at = models.DateTimeField(null=True, help_text="When it last came further.")
    error = models.TextField(blank=True, help_text="Why it stands still, while it does.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MovementCount(models.Model):
    """How many movements of a run, and of live updates since, went from one band to another.

    Without a band before they are newly scored, without a band after no longer scored.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="movement_counts")
    band_before = models.ForeignKey(Band, null=True, on_delete=models.CASCADE, related_name="+")
    band = models.ForeignKey(Band, null=True, on_delete=models.CASCADE, related_name="+")
    movements = models.PositiveIntegerField()
    up = models.PositiveIntegerField()
    down = models.PositiveIntegerField()

    class Meta:
        ordering = ["run", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "band_before", "band"], nulls_distinct=False, name="one_count_per_run_and_bands"
            ),
            models.CheckConstraint(
                condition=Q(movements__gte=F("up") + F("down")),
                name="counts_add_up",
                violation_error_message=_("No more can have moved up and down than have moved."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.movements} of {self.run}"
