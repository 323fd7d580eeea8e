"""Choices of the scoring app, importable without loading any model."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RuleSetStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class RunStatus(TextChoices):
    RUNNING = "running", _("Running")
    PUBLISHED = "published", _("Published")
    FAILED = "failed", _("Failed")


class RunTrigger(TextChoices):
    """What asked for a run."""

    SCHEDULE = "schedule", _("Schedule")
    COMMAND = "command", _("Command line")
    CONSOLE = "console", _("Console")
    REPLAY = "replay", _("Replay of the past")


class RunEngine(TextChoices):
    """What computes a run."""

    LOCAL = "local", _("This machine")
    SPARK = "spark", _("Spark cluster")


class RunFailure(TextChoices):
    """Why a run failed; `Run.error` says it whole."""

    NOT_PICKED_UP = "not_picked_up", _("No worker picked it up")
    STOPPED = "stopped", _("What carried it out stopped")
    BROKE_OFF = "broke_off", _("It met an error")


class Cadence(TextChoices):
    """When what others do enters a published number. One's own conduct does at once, either way."""

    RUN = "run", _("With each run")
    LIVE = "live", _("At once")


class RunPhase(TextChoices):
    """The phases of a run, in order."""

    WAITING = "waiting", _("Waiting for a worker")
    SNAPSHOT = "snapshot", _("Reading the population")
    FOLD = "fold", _("Own scores")
    SOLVE = "solve", _("Network effect")
    PUBLISH = "publish", _("Publishing")
    DONE = "done", _("Done")


class ContestStatus(TextChoices):
    OPEN = "open", _("Open")
    UPHELD = "upheld", _("Upheld")
    REJECTED = "rejected", _("Rejected")
