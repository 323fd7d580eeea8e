"""Relationships of two citizens, and the role each plays for the other."""

import datetime as dt

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.enums import TieKind
from citizens.models.people import Citizen


class TieQuerySet(models.QuerySet["Tie"]):
    def live(self) -> "TieQuerySet":
        """Confirmed by both sides and not ended."""
        return self.filter(started_at__isnull=False, ended_at__isnull=True)

    def proposed(self) -> "TieQuerySet":
        return self.filter(started_at__isnull=True, ended_at__isnull=True)

    def live_at(self, moment: dt.datetime) -> "TieQuerySet":
        return self.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=moment), started_at__lte=moment)

    def of(self, citizen: Citizen) -> "TieQuerySet":
        return self.filter(Q(first=citizen) | Q(second=citizen))

    def partners_of(self, *citizens: Citizen) -> "TieQuerySet":
        """The live ties of these citizens to a partner."""
        return self.live().filter(Q(first__in=citizens) | Q(second__in=citizens), kind=TieKind.PARTNER)


class Tie(models.Model):
    """A relationship: `second` is `kind` to `first`.

    Symmetric kinds keep the smaller id first. A parent and child are one row of kind `parent` whose second is the
    parent; `child` is that row read the other way and is never stored.
    """

    first = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="ties_as_first")
    second = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="ties_as_second")
    kind = models.CharField(max_length=12, choices=TieKind.choices)
    strength = models.FloatField(default=1.0, validators=[MaxValueValidator(1.0)], help_text="More than 0, at most 1.")
    proposed_by = models.ForeignKey(
        Citizen, null=True, blank=True, on_delete=models.SET_NULL, related_name="ties_proposed", db_index=False
    )
    proposed_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True, help_text="When the other side confirmed.")
    ended_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when it is known to hold, from which it waits until it counts; "
        "empty: unknown, it counts at once.",
    )

    objects = TieQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(first=F("second")),
                name="no_tie_to_oneself",
                violation_error_message=_("Nobody has a tie to themselves."),
            ),
            models.CheckConstraint(
                condition=Q(strength__gt=0, strength__lte=1),
                name="tie_strength_in_range",
                violation_error_message=_("The strength of a tie must be more than 0 and at most 1."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=TieKind.CHILD),
                name="child_ties_are_stored_as_parent",
                violation_error_message=_("A tie of a parent and a child is stored from the child to the parent."),
            ),
            models.CheckConstraint(
                condition=Q(kind=TieKind.PARENT) | Q(first__lt=F("second")),
                name="symmetric_ties_are_stored_once",
                violation_error_message=_("This tie must name the citizen who was registered earlier first."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(started_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="tie_ends_after_it_starts",
                violation_error_message=_("A tie cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(started_at__isnull=True) | Q(since__lte=F("started_at")),
                name="tie_holds_before_it_starts",
                violation_error_message=_("A tie cannot start before it holds."),
            ),
            models.UniqueConstraint(
                Least("first", "second"),
                Greatest("first", "second"),
                "kind",
                condition=Q(ended_at__isnull=True),
                name="one_live_tie_of_a_kind_per_pair",
                violation_error_message=_("These two already have a tie of this kind."),
            ),
        ]
        triggers = [
            # Both are locked first, so that two ties that begin at once are not overlooked by each other.
            pgtrigger.Trigger(
                name="one_partner_at_a_time",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("kind", "started_at", "ended_at"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "NEW.kind = 'partner' AND NEW.started_at IS NOT NULL AND NEW.ended_at IS NULL"
                ),
                func="""
                    PERFORM FROM citizens_citizen WHERE id IN (NEW.first_id, NEW.second_id)
                        ORDER BY id FOR NO KEY UPDATE;
                    IF EXISTS (
                        SELECT FROM citizens_tie
                        WHERE (first_id IN (NEW.first_id, NEW.second_id) OR second_id IN (NEW.first_id, NEW.second_id))
                        AND kind = 'partner' AND started_at IS NOT NULL AND ended_at IS NULL AND id <> NEW.id
                    ) THEN
                        RAISE EXCEPTION 'One of the two has a partner already.' USING ERRCODE = '23514';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second} ({self.get_kind_display()})"

    @property
    def is_live(self) -> bool:
        return self.started_at is not None and self.ended_at is None

    @property
    def is_proposed(self) -> bool:
        return self.started_at is None and self.ended_at is None

    def other(self, citizen: Citizen) -> Citizen:
        return self.second if citizen.pk == self.first_id else self.first

    @property
    def answering(self) -> Citizen:
        """The side that confirms a proposal: the one that did not make it."""
        return self.second if self.proposed_by_id == self.first_id else self.first

    def role_for(self, citizen: Citizen) -> TieKind:
        """What the other person is to `citizen`."""
        kind = TieKind(self.kind)
        return kind if citizen.pk == self.first_id else kind.reverse
