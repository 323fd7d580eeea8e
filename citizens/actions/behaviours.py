"""Furnishing behaviours, and retracting them."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import Consented, consented_keys, require
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import AuditAction, ChangeKind, Right
from citizens.models import Behaviour, BehaviourType, Change, Source, User
from citizens.models.behaviours import AMOUNT_LIMIT, AMOUNT_OUT_OF_RANGE
from citizens.models.identifiers import LONGEST_IDENTIFIER, normal_form

NOT_YOURS = gettext_lazy("No such citizen, or no consent for this source.")
BELOW_ZERO = gettext_lazy("Amounts of this behaviour type are never below 0.")
TOMORROW = dt.timedelta(days=1)
EARLIEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Observation:
    """One event as a source reports it."""

    citizen_key: str
    type_key: str
    external_id: str
    occurred_at: dt.datetime
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the observation at `index` was not taken."""

    index: int
    field: str
    reason: str


@dataclass(slots=True)
class Furnished:
    """What became of a batch; `duplicates` were already there, with the same content."""

    accepted: int = 0
    duplicates: int = 0
    refused: list[Refusal] = field(default_factory=list)


@transaction.atomic
def furnish(*, acting_user: User | None, source: Source, observations: Sequence[Observation]) -> Furnished:
    """Takes what is right of a batch and says what is wrong with the rest; sending it again adds nothing.

    An unknown citizen and one without consent are refused in the same words. The same external id with other content
    is a conflict and refused, however it is spelled (`normal_form`). Six queries, whatever the size.
    """
    result = Furnished()
    people = consented_keys(source, (o.citizen_key for o in observations))
    types = BehaviourType.objects.in_bulk({o.type_key for o in observations}, field_name="key")
    rows: dict[int, Behaviour] = {}
    for index, observation in enumerate(observations):
        refusal = _refusal(index, observation, source, people, types)
        if refusal:
            result.refused.append(refusal)
            continue
        rows[index] = Behaviour(
            citizen_id=people[observation.citizen_key].citizen_id,
            type=types[observation.type_key],
            source=source,
            external_id=observation.external_id,
            external_key=normal_form(observation.external_id),
            occurred_at=observation.occurred_at,
            amount=observation.amount,
        )
    _insert(source, rows, result)
    result.refused.sort(key=lambda refusal: refusal.index)
    if result.accepted or result.refused:
        record(
            actor=acting_user,
            action=AuditAction.BEHAVIOURS_FURNISHED,
            subject=source,
            accepted=result.accepted,
            refused=len(result.refused),
        )
    return result


@transaction.atomic
def retract(*, acting_user: User | None, behaviour: Behaviour, reason: str) -> Behaviour:
    """Takes a behaviour back: it counts for nothing from now on. It is kept, and marked.

    Without an acting user it is the source that takes it back.
    """
    if acting_user is not None:
        require(acting_user, Right.JUDGE_CONTESTS)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    if not Behaviour.objects.live().filter(pk=behaviour.pk).update(retracted_at=timezone.now()):
        raise ValidationError({"behaviour": _("This behaviour is already retracted.")})
    behaviour.refresh_from_db()
    citizen = behaviour.citizen
    done = AuditAction.BEHAVIOUR_RETRACTED
    record(actor=acting_user, action=done, subject=behaviour, citizen=citizen, reason=reason)
    announce(kind=ChangeKind.BEHAVIOUR, citizen=citizen, subject_id=behaviour.pk)
    return behaviour


def _insert(source: Source, rows: dict[int, Behaviour], result: Furnished) -> None:
    """Inserts what is new, the first of each external id, and compares the rest with what is stored in the end.

    A row that another request slips in meanwhile is left alone and compared as well.
    """
    first: dict[str, int] = {}
    for index, row in rows.items():
        first.setdefault(row.external_key, index)
    Behaviour.objects.bulk_create([rows[index] for index in first.values()], ignore_conflicts=True)
    stored = {
        row.external_key: row for row in Behaviour.objects.filter(source=source, external_key__in=first).order_by("id")
    }
    fresh = []
    for index, row in rows.items():
        kept = stored[row.external_key]
        if index == first[row.external_key] and kept.recorded_at == row.recorded_at:
            fresh.append(kept)
        else:
            _compare(index, row, kept, result)
    result.accepted = len(fresh)
    Change.objects.bulk_create(
        [Change(kind=ChangeKind.BEHAVIOUR, citizen_id=row.citizen_id, subject_id=row.pk) for row in fresh]
    )


def _compare(index: int, row: Behaviour, kept: Behaviour, result: Furnished) -> None:
    parts = ("citizen_id", "type_id", "occurred_at", "amount")
    if all(getattr(row, part) == getattr(kept, part) for part in parts):
        result.duplicates += 1
    else:
        words = _("Already used for another behaviour.")
        if row.external_id != kept.external_id:
            words = _("Already used for another behaviour, spelled “%(other)s”.") % {"other": kept.external_id}
        result.refused.append(Refusal(index, "external_id", words))


def _refusal(
    index: int, o: Observation, source: Source, people: dict[str, Consented], types: dict[str, BehaviourType]
) -> Refusal | None:
    if o.citizen_key not in people:
        return Refusal(index, "citizen", str(NOT_YOURS))
    if o.type_key not in types:
        return Refusal(index, "type", _("No such behaviour type."))
    if beyond := source.why_not(types[o.type_key]):
        return Refusal(index, "type", beyond)
    if not_agreed := people[o.citizen_key].why_not(types[o.type_key]):
        return Refusal(index, "type", not_agreed)
    if not 0 < len(o.external_id) <= LONGEST_IDENTIFIER or "\0" in o.external_id:
        words = _("Must have 1 to %(most)s characters, none of them NUL.")
        return Refusal(index, "external_id", words % {"most": LONGEST_IDENTIFIER})
    if not math.isfinite(o.amount) or abs(o.amount) > AMOUNT_LIMIT:
        return Refusal(index, "amount", str(AMOUNT_OUT_OF_RANGE))
    if o.amount < 0 and not types[o.type_key].amounts_below_zero:
        return Refusal(index, "amount", str(BELOW_ZERO))
    if beyond := types[o.type_key].implausible(o.amount):
        return Refusal(index, "amount", beyond)
    if o.occurred_at.tzinfo is None:
        return Refusal(index, "occurred_at", _("Must say its time zone."))
    if not EARLIEST <= o.occurred_at <= timezone.now() + TOMORROW:
        return Refusal(index, "occurred_at", _("Must not be before 1900 or later than tomorrow."))
    return None
