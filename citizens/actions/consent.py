"""Giving and withdrawing consent for a source."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import may_act_for
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import AuditAction, ChangeKind, ConsentOrigin
from citizens.models import Citizen, Consent, Source, User


@transaction.atomic
def grant_consent(
    *,
    acting_user: User,
    citizen: Citizen,
    source: Source,
    origin: ConsentOrigin = ConsentOrigin.FORM,
    receipt: str = "",
) -> Consent:
    """The citizen agrees that the source may speak of them. Raises ValidationError if they already did."""
    _check(acting_user, citizen)
    if citizen.has_left:
        raise ValidationError({"citizen": _("This citizen has left.")})
    try:
        with transaction.atomic():
            consent = Consent.objects.create(citizen=citizen, source=source, origin=origin, receipt=receipt)
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


def _check(acting_user: User, citizen: Citizen) -> None:
    if not may_act_for(acting_user, citizen):
        raise PermissionDenied(_("Consent is the citizen's own to give and to withdraw."))
