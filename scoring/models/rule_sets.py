"""Rule sets: complete, versioned sets of weights, immutable once they leave draft."""

from typing import NamedTuple

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.enums import TieKind
from citizens.models import BehaviourType, User
from scoring.engine.scale import CEILING, FLOOR
from scoring.enums import RuleSetStatus
from scoring.rules.weights import BAND, DIMENSION, FEWEST_PEOPLE_THAT_HIDE_EACH_OTHER, RULE, RULE_SET, TIE

LONGEST_NAME = 120


def only_in_a_draft(name: str) -> pgtrigger.Trigger:
    """A trigger that refuses any write to a part of a rule set that is no longer a draft."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        declare=[("part", "RECORD")],
        func="""
            IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;
            IF EXISTS (SELECT 1 FROM scoring_ruleset WHERE id = part.rule_set_id AND status <> 'draft') THEN
                RAISE EXCEPTION 'A rule set can be changed only while it is a draft.' USING ERRCODE = '23514';
            END IF;
            RETURN part;
        """,
    )


class BandRange(NamedTuple):
    """A band and the published scores it holds, both ends inclusive."""

    band: "Band"
    lowest: int
    highest: int


# What the engine needs of a rule set.
PARTS = ("dimensions", "rules__behaviour_type", "tie_weights", "bands")


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def published(self) -> "RuleSetQuerySet":
        return self.filter(status=RuleSetStatus.PUBLISHED)

    def in_force(self) -> "RuleSet | None":
        """That of the scores in force, which a newer one replaces with the next run; before any, the published one."""
        return self.filter(runs__is_current=True).first() or self.published().first()

    def with_parts(self) -> "RuleSetQuerySet":
        """With everything the engine needs, in a fixed number of queries."""
        return self.prefetch_related(*PARTS)


@pghistory.track(fields=["status", "name", "published_by", "published_at", "retired_at"], model_name="RuleSetEvent")
class RuleSet(models.Model):
    """One version of all weights. Units are points unless a field says otherwise."""

    # Small: a million movements name it.
    id = models.AutoField(primary_key=True)
    version = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=LONGEST_NAME)
    note = models.TextField(blank=True, help_text="What this version changes, and why.")
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="drafts")
    status = models.CharField(max_length=12, choices=RuleSetStatus.choices, default=RuleSetStatus.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="rule_sets_written"
    )
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="rule_sets_published"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    base = models.FloatField(RULE_SET["base"].label, default=RULE_SET["base"].default, help_text=RULE_SET["base"].help)
    minimum_behaviours = models.PositiveIntegerField(
        RULE_SET["minimum_behaviours"].label,
        default=RULE_SET["minimum_behaviours"].default,
        help_text=RULE_SET["minimum_behaviours"].help,
    )
    drag = models.FloatField(RULE_SET["drag"].label, default=RULE_SET["drag"].default, help_text=RULE_SET["drag"].help)
    lift = models.FloatField(RULE_SET["lift"].label, default=RULE_SET["lift"].default, help_text=RULE_SET["lift"].help)
    theta_drag = models.FloatField(
        RULE_SET["theta_drag"].label, default=RULE_SET["theta_drag"].default, help_text=RULE_SET["theta_drag"].help
    )
    theta_lift = models.FloatField(
        RULE_SET["theta_lift"].label, default=RULE_SET["theta_lift"].default, help_text=RULE_SET["theta_lift"].help
    )
    cap = models.FloatField(RULE_SET["cap"].label, default=RULE_SET["cap"].default, help_text=RULE_SET["cap"].help)
    k0 = models.FloatField(RULE_SET["k0"].label, default=RULE_SET["k0"].default, help_text=RULE_SET["k0"].help)
    least_ties = models.PositiveIntegerField(
        RULE_SET["least_ties"].label, default=RULE_SET["least_ties"].default, help_text=RULE_SET["least_ties"].help
    )
    tie_wait = models.FloatField(
        RULE_SET["tie_wait"].label, default=RULE_SET["tie_wait"].default, help_text=RULE_SET["tie_wait"].help
    )

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status=RuleSetStatus.PUBLISHED),
                name="one_published_rule_set",
                violation_error_message=_("Another rule set is published already."),
            ),
            *RULE_SET.constraints("rule_set"),
            models.CheckConstraint(
                condition=Q(theta_drag__lte=F("theta_lift")),
                name="drag_threshold_not_above_lift",
                violation_error_message=_(
                    "The drag threshold is above the lift threshold: one person would drag and lift at the same time."
                ),
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | Q(author__isnull=True) | ~Q(published_by=F("author")),
                name="published_with_four_eyes",
                violation_error_message=_("The author of a rule set cannot publish it."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="rule_set_leaves_draft_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(
                    exclude=["status", "submitted_at", "published_by", "published_at", "retired_at"]
                ),
                func="""
                    IF OLD.status <> 'draft' THEN
                        RAISE EXCEPTION 'A rule set can be changed only while it is a draft.' USING ERRCODE = '23514';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="rule_set_moves_forward",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status <> NEW.status"),
                func=f"""
                    IF (OLD.status, NEW.status) NOT IN (('draft', 'in_review'), ('in_review', 'draft'),
                            ('in_review', 'published'), ('published', 'retired')) THEN
                        RAISE EXCEPTION 'A rule set cannot go from % to %.', OLD.status, NEW.status
                            USING ERRCODE = '23514';
                    END IF;
                    IF NEW.status = 'in_review' AND (
                        SELECT min(lower) IS DISTINCT FROM {FLOOR} FROM scoring_band WHERE rule_set_id = NEW.id) THEN
                        RAISE EXCEPTION 'The bands leave a gap: the lowest must start at {FLOOR}.'
                            USING ERRCODE = '23514';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="rule_sets_are_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=["published", "retired"]),
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version} {self.name}"

    @property
    def reveals_others(self) -> bool:
        """Whether so few people are enough for the network to count that their scores can be worked out."""
        return self.least_ties < FEWEST_PEOPLE_THAT_HIDE_EACH_OTHER

    @property
    def is_draft(self) -> bool:
        return self.status == RuleSetStatus.DRAFT

    def is_open_to(self, user: User) -> bool:
        """Whether this person may work on it while it is a draft: they wrote it, or nobody has yet."""
        return self.author_id in (None, user.pk)

    def is_written_by(self, user: User) -> bool:
        """Whether somebody else has to publish it."""
        return self.author_id == user.pk

    def band_ranges(self) -> list[BandRange]:
        """Every band with its lowest and highest published score, lowest band first. Uses prefetched bands."""
        bands = sorted(self.bands.all(), key=lambda band: band.lower)
        highest = [band.lower - 1 for band in bands[1:]] + [CEILING]
        return [BandRange(band, band.lower, last) for band, last in zip(bands, highest, strict=True)]

    def band_of(self, published: int) -> "Band":
        """The band that holds a published score. Uses prefetched bands."""
        return next(band for band, lowest, highest in self.band_ranges() if lowest <= published <= highest)


class Dimension(models.Model):
    """A named group of rules with the most it can move a score."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="dimensions")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    room = models.FloatField(DIMENSION["room"].label, help_text=DIMENSION["room"].help)
    note = models.CharField(max_length=200, blank=True, help_text="Where the weight comes from.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "key"], name="one_dimension_per_key"),
            *DIMENSION.constraints("dimension"),
        ]
        triggers = [only_in_a_draft("dimension_only_in_a_draft")]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """What one behaviour type is worth in a rule set."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules")
    dimension = models.ForeignKey(Dimension, on_delete=models.CASCADE, related_name="rules")
    behaviour_type = models.ForeignKey(BehaviourType, on_delete=models.PROTECT, related_name="+")
    points = models.FloatField(RULE["points"].label, help_text=RULE["points"].help)
    most = models.FloatField(RULE["most"].label, help_text=RULE["most"].help)
    half_life_days = models.FloatField(
        RULE["half_life_days"].label, null=True, blank=True, help_text=RULE["half_life_days"].help
    )
    expiry_days = models.FloatField(
        RULE["expiry_days"].label, null=True, blank=True, help_text=RULE["expiry_days"].help
    )

    class Meta:
        ordering = ["behaviour_type__key"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "behaviour_type"], name="one_rule_per_behaviour_type"),
            *RULE.constraints("rule"),
        ]
        triggers = [
            only_in_a_draft("rule_only_in_a_draft"),
            pgtrigger.Trigger(
                name="rule_in_a_dimension_of_its_set",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM scoring_dimension
                                   WHERE id = NEW.dimension_id AND rule_set_id = NEW.rule_set_id) THEN
                        RAISE EXCEPTION 'The dimension belongs to another rule set.' USING ERRCODE = '23514';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.behaviour_type}: {self.points:+g}"


class TieWeight(models.Model):
    """How much a person in this role counts; a role without a row counts 0."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="tie_weights")
    role = models.CharField(max_length=12, choices=TieKind.choices, help_text="What the other person is to me.")
    weight = models.FloatField(TIE["weight"].label, default=TIE["weight"].default, help_text=TIE["weight"].help)

    class Meta:
        ordering = ["role"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "role"], name="one_weight_per_role"),
            *TIE.constraints("tie_weight"),
        ]
        triggers = [only_in_a_draft("tie_weight_only_in_a_draft")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.weight:g}"


class Band(models.Model):
    """A named range of scores from its lower edge up to the next band's.

    Only lower edges are stored, so bands can neither overlap nor leave a gap between them; the lowest must be the
    lowest score there is before a rule set leaves draft.
    """

    # Small: a million movements name it.
    id = models.AutoField(primary_key=True)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="bands")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=40)
    lower = models.PositiveSmallIntegerField(BAND["lower"].label, help_text=BAND["lower"].help)

    class Meta:
        ordering = ["lower"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "key"], name="one_band_per_key"),
            models.UniqueConstraint(fields=["rule_set", "lower"], name="bands_do_not_overlap"),
            *BAND.constraints("band"),
        ]
        triggers = [only_in_a_draft("band_only_in_a_draft")]

    def __str__(self) -> str:
        return self.name
