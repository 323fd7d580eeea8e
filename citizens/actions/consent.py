"""Giving and withdrawing consent for a source."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import may_act_for
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import AuditAction, ChangeKind, ConsentOrigin
from citizens.models import Change, Citizen, Consent, Source, User


@transaction.atomic
def grant_consent(
    *,
    acting_user: User,
    citizen: Citizen,
    source: Source,
    origin: ConsentOrigin = ConsentOrigin.FORM,
    receipt: str = "",
) -> Consent:
    """The citizen agrees that the source may speak of them. Raises ValidationError if they already did.

    After a withdrawal it waits before it counts, see `let_consents_count`.
    """
    _check(acting_user, citizen)
    if citizen.has_left:
        raise ValidationError({"citizen": _("This citizen has left.")})
    try:
        with transaction.atomic():
            again = Consent.objects.filter(citizen=citizen, source=source).exists()
            consent = Consent.objects.create(
                citizen=citizen, source=source, origin=origin, receipt=receipt, is_waiting=again
            )
    except IntegrityError as error:
        raise ValidationError(
            {"source": _("There is already a consent for %(source)s.") % {"source": source}}
        ) from error
    done = AuditAction.CONSENT_GRANTED
    facts = {"source": source.key, "origin": origin, "receipt": receipt}
    record(actor=acting_user, action=done, subject=consent, citizen=citizen, **facts)
    announce(kind=ChangeKind.CONSENT, citizen=citizen, subject_id=consent.pk)
    return consent


@transaction.atomic
def withdraw_consent(*, acting_user: User, citizen: Citizen, source: Source) -> Consent:
    """From now on, what this source said counts for nothing. Raises ValidationError if there is none."""
    _check(acting_user, citizen)
    active = Consent.objects.active().select_for_update(of=("self",), no_key=True)
    consent = active.filter(citizen=citizen, source=source).first()
    if consent is None:
        raise ValidationError({"source": _("There is no consent for %(source)s to withdraw.") % {"source": source}})
    consent.withdrawn_at = timezone.now()
    consent.save(update_fields=["withdrawn_at"])
    done = AuditAction.CONSENT_WITHDRAWN
    record(actor=acting_user, action=done, subject=consent, citizen=citizen, source=source.key)
    announce(kind=ChangeKind.CONSENT, citizen=citizen, subject_id=consent.pk)
    return consent


@transaction.atomic
def let_consents_count(*, waited_since: dt.datetime) -> int:
    """Ends the wait of consents that were given again at `waited_since` or before, and returns how many.

    A run does this before it reads the population, so that what waits begins to count with a run, as ties do.
    """
    now = timezone.now()
    waiting = Consent.objects.active().filter(is_waiting=True, granted_at__lte=waited_since)
    due = list(waiting.select_for_update(of=("self",), no_key=True).order_by("pk"))
    Consent.objects.filter(pk__in=[consent.pk for consent in due]).update(is_waiting=False, counts_from=now)
    Change.objects.bulk_create(
        [Change(kind=ChangeKind.CONSENT, citizen_id=consent.citizen_id, subject_id=consent.pk) for consent in due]
    )
    return len(due)


def _check(acting_user: User, citizen: Citizen) -> None:
    if not may_act_for(acting_user, citizen):
        raise PermissionDenied(_("Consent is the citizen's own to give and to withdraw."))
