"""Which source may speak of which citizen."""

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.models.behaviours import Source
from citizens.models.people import Citizen


class ConsentQuerySet(models.QuerySet["Consent"]):
    def active(self) -> "ConsentQuerySet":
        return self.filter(withdrawn_at__isnull=True)

    def active_at(self, moment: dt.datetime) -> "ConsentQuerySet":
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment), granted_at__lte=moment)


class Consent(models.Model):
    """A receipt: the citizen agreed that this source furnishes behaviours, until withdrawn."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="consents")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="consents")
    granted_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=200, help_text="How consent was given: the form, or the import.")

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
        ]
        triggers = [
            pgtrigger.Trigger(
                name="consents_are_not_edited",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD.*) - 'withdrawn_at' IS DISTINCT FROM to_jsonb(NEW.*) - 'withdrawn_at'"
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
