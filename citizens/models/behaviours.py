"""What can be observed, who observes it, and each observed event."""

import datetime as dt

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from citizens.enums import Context
from citizens.models.identifiers import LONGEST_IDENTIFIER, NormalForm
from citizens.models.people import KEY_LENGTH, Citizen
from sesame_site.kit.pages.numbers import number
from sesame_site.kit.pages.sentences import filled

AMOUNT_LIMIT = 1e9
AMOUNT_OUT_OF_RANGE = filled(
    _("The amount must be from %(low)s to %(high)s."),
    low=lazy(number, str)(-AMOUNT_LIMIT),
    high=lazy(number, str)(AMOUNT_LIMIT),
)
LONGEST_PURPOSE = 200
# Citizens are locked as a foreign key would lock them, and looked up one by one as it would: a join could be planned
# for a table that was empty a moment ago.
ITS_CITIZEN_TYPE_AND_SOURCE_EXIST = """
    FOR citizen IN SELECT DISTINCT citizen_id FROM fresh ORDER BY citizen_id LOOP
        PERFORM FROM citizens_citizen WHERE id = citizen FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'A behaviour needs a citizen who exists.' USING ERRCODE = '23503';
        END IF;
    END LOOP;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT type_id, source_id FROM fresh) used
        LEFT JOIN citizens_behaviourtype type ON type.id = used.type_id
        LEFT JOIN citizens_source source ON source.id = used.source_id
        WHERE type.id IS NULL OR source.id IS NULL
    ) THEN
        RAISE EXCEPTION 'A behaviour needs a type and a source that exist.' USING ERRCODE = '23503';
    END IF;
    RETURN NULL;
"""


@pghistory.track()
class BehaviourType(models.Model):
    """Something that can be observed, such as `bill_paid_on_time`."""

    key = models.SlugField(max_length=KEY_LENGTH, unique=True)
    name = models.CharField(max_length=120)
    context = models.CharField(max_length=12, choices=Context.choices)
    description = models.TextField(blank=True)
    unit = models.CharField(max_length=40, default="time", help_text="What an amount of 1 means.")
    amounts_below_zero = models.BooleanField(
        "amounts below 0",
        default=False,
        help_text="Whether they make sense, as in a rating. Where not, new ones are refused.",
    )
    plausible_most = models.FloatField(
        null=True,
        blank=True,
        help_text="The most that is plausible as the amount of one event, above 0 and below 0 alike. "
        "New ones with more are set aside; empty: anything up to a thousand million.",
    )

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(plausible_most__isnull=True) | Q(plausible_most__gt=0, plausible_most__lte=AMOUNT_LIMIT),
                name="plausible_most_in_range",
                violation_error_message=filled(
                    _("The most that is plausible must be more than 0 and at most %(high)s."), high=number(AMOUNT_LIMIT)
                ),
            )
        ]
        triggers = [pgtrigger.Protect(name="types_are_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def most(self) -> float:
        """The largest amount of one event that is taken, above 0 and below 0 alike."""
        return AMOUNT_LIMIT if self.plausible_most is None else self.plausible_most

    def implausible(self, amount: float) -> str | None:
        """Why this cannot be the amount of one event; None where it can."""
        if abs(amount) <= self.most:
            return None
        words = _("Not plausible: one event of “%(name)s” has an amount of %(most)s at most.")
        return words % {"name": self.name, "most": number(self.most)}


@pghistory.track()
class Source(models.Model):
    """A furnisher of behaviours; a citizen consents per source."""

    key = models.SlugField(max_length=KEY_LENGTH, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    contexts = ArrayField(
        models.CharField(max_length=12, choices=Context.choices),
        default=list,
        blank=True,
        help_text="What it may speak of; with none, of anything. New behaviours of others are refused. Who consented "
        "to less is asked again, and until then it speaks of them as before.",
    )
    purpose = models.CharField(
        max_length=LONGEST_PURPOSE,
        blank=True,
        default="",
        db_default="",
        help_text="What its reports are used for. Who consents reads it; after a change they are asked again.",
    )
    is_synthetic = models.BooleanField(default=False)
    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="source",
        help_text="The REST client that furnishes for this source.",
    )

    class Meta:
        ordering = ["key"]
        triggers = [pgtrigger.Protect(name="sources_are_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def context_labels(self) -> list[str]:
        """The contexts it may speak of, in words; none where it may speak of any."""
        return [str(Context(context).label) for context in self.contexts]

    def why_not(self, kind: BehaviourType) -> str | None:
        """Why it may not speak of behaviours of this type; None where it may."""
        if not self.contexts or kind.context in self.contexts:
            return None
        words = _("This source may speak of: %(contexts)s. This behaviour type is of: %(context)s.")
        return words % {"contexts": ", ".join(self.context_labels), "context": kind.get_context_display()}


class BehaviourQuerySet(models.QuerySet["Behaviour"]):
    def live(self) -> "BehaviourQuerySet":
        return self.filter(retracted_at__isnull=True)

    def live_at(self, moment: dt.datetime) -> "BehaviourQuerySet":
        """Known and not yet retracted at `moment`."""
        return self.filter(Q(retracted_at__isnull=True) | Q(retracted_at__gt=moment), recorded_at__lte=moment)


class Behaviour(models.Model):
    """One observed event. Append-only: it may be retracted, never edited."""

    citizen = models.ForeignKey(
        Citizen, on_delete=models.CASCADE, related_name="behaviours", db_index=False, db_constraint=False
    )
    type = models.ForeignKey(
        BehaviourType, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    external_id = models.CharField(
        max_length=LONGEST_IDENTIFIER, help_text="The source's own identifier of this event, as it spelled it."
    )
    external_key = NormalForm(
        max_length=LONGEST_IDENTIFIER, editable=False, help_text="The same in the form in which it is compared."
    )
    occurred_at = models.DateTimeField()
    amount = models.FloatField(default=1.0)
    recorded_at = models.DateTimeField(default=timezone.now)
    retracted_at = models.DateTimeField(null=True, blank=True)

    objects = BehaviourQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_key"], name="one_behaviour_per_source_and_external_key"
            ),
            models.CheckConstraint(
                condition=~Q(external_id=""),
                name="behaviour_has_an_external_id",
                violation_error_message=_("A behaviour needs the identifier that its source gave it."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=-AMOUNT_LIMIT, amount__lte=AMOUNT_LIMIT),
                name="behaviour_amount_in_range",
                violation_error_message=AMOUNT_OUT_OF_RANGE,
            ),
        ]
        indexes = [
            # One citizen's rows are strewn over the table; the index holds all that a score is made of.
            models.Index(
                fields=["citizen", "-occurred_at"],
                include=["type", "source", "amount", "recorded_at", "retracted_at"],
                name="behaviour_by_citizen",
            )
        ]
        triggers = [
            # Three foreign keys in one look per statement: an import takes half the time. Types and sources are never
            # deleted; with their citizen, behaviours go.
            pgtrigger.Trigger(
                name="citizen_type_and_source_exist",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="fresh"),
                declare=[("citizen", "bigint")],
                func=ITS_CITIZEN_TYPE_AND_SOURCE_EXIST,
            ),
            pgtrigger.Trigger(
                name="behaviours_are_not_edited",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(exclude=["retracted_at"]),
                func="RAISE EXCEPTION 'A behaviour may be retracted, never edited.' USING ERRCODE = '23514';",
            ),
            pgtrigger.Trigger(
                name="behaviours_are_retracted_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.retracted_at IS NOT NULL"),
                func="RAISE EXCEPTION 'This behaviour is already retracted.' USING ERRCODE = '23514';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} on {self.occurred_at:%Y-%m-%d}"

    @property
    def is_retracted(self) -> bool:
        return self.retracted_at is not None
