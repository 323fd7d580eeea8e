"""Which source may speak of which citizen."""

import datetime as dt

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.enums import ConsentOrigin, Context
from citizens.models.behaviours import LONGEST_PURPOSE, Source
from citizens.models.people import Citizen

# Columns that are not what the citizen decided: its end, and whether its wait after an earlier end is over.
NOT_OF_THE_DECISION = "ARRAY['withdrawn_at', 'is_waiting', 'counts_from']"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def active(self) -> "ConsentQuerySet":
        return self.filter(withdrawn_at__isnull=True)

    def counting_at(self, moment: dt.datetime) -> "ConsentQuerySet":
        """Active at `moment`, and not waiting then because an earlier one was withdrawn."""
        return self.active_at(moment).filter(Q(counts_from__isnull=True) | Q(counts_from__lte=moment), is_waiting=False)

    def outgrown_by(self, source: Source) -> "ConsentQuerySet":
        """Those for this source that do not cover all it may speak of by now."""
        some = self.filter(source=source).exclude(contexts=[])
        return some.exclude(contexts__contains=source.contexts) if source.contexts else some

    def covering(self) -> Q:
        """Selects the behaviours that these consents cover: of their source, and of a context that they name."""
        covered = Q(pk__in=[])
        for source, contexts in self.order_by("pk").values_list("source_id", "contexts"):
            covered |= Q(source_id=source, type__context__in=contexts) if contexts else Q(source_id=source)
        return covered

    def active_at(self, moment: dt.datetime) -> "ConsentQuerySet":
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment), granted_at__lte=moment)


class Consent(models.Model):
    """A receipt: the citizen agreed that this source furnishes behaviours, until withdrawn.

    One that is given again after a withdrawal waits as long as a new tie before it counts for scores: else whoever
    takes it back for a day could choose the day on which a source counts.
    """

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="consents")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="consents")
    granted_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=8, choices=ConsentOrigin.choices, default=ConsentOrigin.FORM)
    receipt = models.CharField(max_length=200, blank=True, help_text="The name of the form, or of the imported file.")
    is_waiting = models.BooleanField(
        default=False, db_default=False, help_text="It was given again after a withdrawal, and does not count yet."
    )
    counts_from = models.DateTimeField(
        null=True, blank=True, help_text="When its wait was over; empty: it has counted since it was given, or waits."
    )
    contexts = ArrayField(
        models.CharField(max_length=12, choices=Context.choices),
        default=list,
        db_default=[],
        blank=True,
        help_text="What the source may speak of by this consent; with none, of anything.",
    )
    purpose = models.CharField(
        max_length=LONGEST_PURPOSE, blank=True, db_default="", help_text="What it was for, as the page said."
    )
    text = models.ForeignKey(
        "citizens.ConsentText",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What the page said; empty where there was none, as with an import.",
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "source"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_active_consent_per_source",
                violation_error_message=_("This citizen already consents to this source."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("granted_at")),
                name="consent_is_withdrawn_after_it_is_given",
                violation_error_message=_("A consent cannot be withdrawn before it was given."),
            ),
            models.CheckConstraint(
                condition=Q(is_waiting=False) | Q(counts_from__isnull=True),
                name="consent_waits_or_counts",
                violation_error_message=_("A consent that waits does not count yet."),
            ),
        ]
        indexes = [models.Index(fields=["granted_at"], name="consent_waiting", condition=Q(is_waiting=True))]
        triggers = [
            pgtrigger.Trigger(
                name="consents_are_not_edited",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    f"to_jsonb(OLD.*) - {NOT_OF_THE_DECISION} IS DISTINCT FROM to_jsonb(NEW.*) - {NOT_OF_THE_DECISION}"
                ),
                func="RAISE EXCEPTION 'A consent may be withdrawn, never edited.' USING ERRCODE = '23514';",
            ),
            pgtrigger.Trigger(
                name="consents_are_withdrawn_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.withdrawn_at IS NOT NULL"),
                func="RAISE EXCEPTION 'This consent is already withdrawn.' USING ERRCODE = '23514';",
            ),
            # Looked at when the transaction ends: who is forgotten goes after what is known of them.
            pgtrigger.Trigger(
                name="consents_go_with_their_citizen",
                operation=pgtrigger.Delete,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="IF EXISTS (SELECT FROM citizens_citizen WHERE id = OLD.citizen_id) THEN "
                "RAISE EXCEPTION 'A consent is deleted with its citizen only.' USING ERRCODE = '23514'; "
                "END IF; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.citizen} → {self.source}"

    def covers(self, context: str) -> bool:
        """Whether the source may speak of this context by it."""
        return not self.contexts or context in self.contexts

    def new_contexts(self) -> list[str]:
        """What its source may speak of by now and this consent does not cover, in words."""
        wanted = self.source.contexts or Context.values
        return [str(Context(context).label) for context in wanted if not self.covers(context)]

    @property
    def is_outgrown(self) -> bool:
        """Whether its source asks for more by now than it was given for, or for another purpose."""
        return bool(self.new_contexts()) or self.purpose != self.source.purpose


class ConsentText(models.Model):
    """What a page said when somebody agreed, word for word. Rows are added only, one for each text."""

    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of language, version and words.")
    version = models.PositiveSmallIntegerField(help_text="Of the page's own words.")
    language = models.CharField(max_length=12)
    words = models.TextField()

    class Meta:
        triggers = [pgtrigger.Protect(name="texts_are_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.hash[:12]
