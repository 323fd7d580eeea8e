"""Runs: each one recomputation of everybody, published whole or not at all."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.enums import RunEngine, RunFailure, RunPhase, RunStatus, RunTrigger
from scoring.models.rule_sets import RuleSet


class RunQuerySet(models.QuerySet["Run"]):
    def published(self) -> "RunQuerySet":
        return self.filter(status=RunStatus.PUBLISHED)

    def current(self) -> "Run | None":
        """The run whose scores are in force, with its rule set and bands; None before the first."""
        return self.filter(is_current=True).select_related("rule_set").prefetch_related("rule_set__bands").first()


class Run(models.Model):
    """One recomputation. While it runs, `phase` and `progress` tell how far it is."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="runs")
    status = models.CharField(max_length=12, choices=RunStatus.choices, default=RunStatus.RUNNING)
    trigger = models.CharField(max_length=12, choices=RunTrigger.choices)
    engine = models.CharField(max_length=12, choices=RunEngine.choices, default=RunEngine.LOCAL)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    as_of = models.DateTimeField(help_text="The moment the scores speak of.")
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    known_at = models.DateTimeField(
        null=True, blank=True, help_text="It knows the rows that were there at this moment."
    )
    live_at = models.DateTimeField(
        null=True, blank=True, help_text="Its scores were last brought up to date with changes at this moment."
    )
    network_at = models.DateTimeField(
        null=True, blank=True, help_text="The influence of others in its scores is that of this moment."
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    is_current = models.BooleanField(default=False, help_text="Its scores are the ones in force.")

    phase = models.CharField(max_length=12, choices=RunPhase.choices, default=RunPhase.WAITING)
    progress = models.FloatField(default=0, help_text="Share done, 0 to 1.")
    failure = models.CharField(max_length=16, choices=RunFailure.choices, blank=True, help_text="Why it failed.")
    failure_detail = models.TextField(blank=True, help_text="What the error said, for those who look after Sesame.")

    citizens = models.PositiveIntegerField(default=0)
    scored = models.PositiveIntegerField(default=0)
    behaviours = models.PositiveBigIntegerField(default=0)
    ties = models.PositiveBigIntegerField(default=0)
    pushes = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="Citizens whose published number changed.")
    error_bound = models.FloatField(null=True, blank=True, help_text="Certified, in points.")
    seconds = models.JSONField(default=dict, blank=True, help_text="Seconds per phase.")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status=RunStatus.RUNNING),
                name="one_run_at_a_time",
                violation_error_message=_("Another run is under way."),
            ),
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="one_current_run",
                violation_error_message=_("Another run is in force."),
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(status=RunStatus.PUBLISHED),
                name="only_a_published_run_is_current",
                violation_error_message=_("Only a published run can be in force."),
            ),
            models.CheckConstraint(
                condition=Q(failure="") ^ Q(status=RunStatus.FAILED),
                name="a_run_that_failed_says_why",
                violation_error_message=_("A run that failed says why, and no other does."),
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} as of {self.as_of:%Y-%m-%d %H:%M}"

    @property
    def error(self) -> str:
        """Why it failed, in a sentence; empty if it did not."""
        if self.failure == RunFailure.NOT_PICKED_UP:
            return gettext("No worker picked it up in time. Is one running?")
        if self.failure == RunFailure.STOPPED and self.phase == RunPhase.WAITING:
            return gettext("What carried it out stopped before anything was done.")
        if self.failure == RunFailure.STOPPED:
            words = gettext("What carried it out stopped in the middle of “%(phase)s”.")
            return words % {"phase": self.get_phase_display()}
        return self.failure_detail

    @property
    def is_replay(self) -> bool:
        """It speaks of a moment in the past, and later behaviours are not for it."""
        return self.trigger == RunTrigger.REPLAY

    def latest(self, known_at: dt.datetime) -> dt.datetime:
        """Until when behaviours count for its scores as they were at `known_at`; what came after it has not faded."""
        return self.as_of if self.is_replay else max(self.as_of, known_at)

    @property
    def is_running(self) -> bool:
        return self.status == RunStatus.RUNNING
