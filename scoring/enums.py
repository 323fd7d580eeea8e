"""Choices of the scoring app, importable without loading any model."""

from django.db.models import TextChoices


class RuleSetStatus(TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class RunStatus(TextChoices):
    RUNNING = "running", "Running"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"


class RunTrigger(TextChoices):
    """What asked for a run."""

    SCHEDULE = "schedule", "Schedule"
    COMMAND = "command", "Command line"
    CONSOLE = "console", "Console"
    REPLAY = "replay", "Replay of the past"


class RunEngine(TextChoices):
    """What computes a run."""

    LOCAL = "local", "This machine"
    SPARK = "spark", "Spark cluster"


class RunPhase(TextChoices):
    """The phases of a run, in order."""

    WAITING = "waiting", "Waiting for a worker"
    SNAPSHOT = "snapshot", "Reading the population"
    FOLD = "fold", "Own scores"
    SOLVE = "solve", "Network effect"
    PUBLISH = "publish", "Publishing"
    DONE = "done", "Done"


class ContestStatus(TextChoices):
    OPEN = "open", "Open"
    UPHELD = "upheld", "Upheld"
    REJECTED = "rejected", "Rejected"
