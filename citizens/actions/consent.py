"""Giving and withdrawing consent for a source."""

import datetime as dt
from copy import copy

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import may_act_for
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.consent_text import hash_of, what_is_asked
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
    seen: str | None = None,
) -> Consent:
    """The citizen agrees that the source may speak of them. Raises ValidationError if they already did.

    The consent covers what the source asks for now. With `seen`, the fingerprint of what the page said, a source that
    asks for something else since is refused. After a withdrawal it waits before it counts, see `let_consents_count`.
    """
    _check(acting_user, citizen)
    _require_read(source, seen)
    if citizen.has_left:
        raise ValidationError({"citizen": _("This citizen has left.")})
    try:
        with transaction.atomic():
            again = Consent.objects.filter(citizen=citizen, source=source).exists()
            consent = Consent.objects.create(
                citizen=citizen,
                source=source,
                origin=origin,
                receipt=receipt,
                is_waiting=again,
                **what_is_asked(source),
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
def renew_consent(*, acting_user: User, citizen: Citizen, source: Source, seen: str) -> Consent:
    """The citizen agrees in the portal to what the source asks for by now, in place of what it asked for before.

    Nothing that counted stops counting. Raises ValidationError if there is no consent to renew, if it covers everything
    already, or if the source asks for something else since the page said `seen`.
    """
    _check(acting_user, citizen)
    _require_read(source, seen)
    active = Consent.objects.active().select_for_update(of=("self",), no_key=True)
    earlier = active.filter(citizen=citizen, source=source).first()
    if earlier is None:
        raise ValidationError({"source": _("There is no consent for %(source)s to renew.") % {"source": source}})
    if not earlier.is_outgrown:
        raise ValidationError({"source": _("Your consent for %(source)s covers all it asks for.") % {"source": source}})
    now = timezone.now()
    Consent.objects.filter(pk=earlier.pk).update(withdrawn_at=now)
    renewed = copy(earlier)
    renewed.pk, renewed._state.adding = None, True
    renewed.granted_at, renewed.origin, renewed.receipt = now, ConsentOrigin.PORTAL, ""
    for name, value in what_is_asked(source).items():
        setattr(renewed, name, value)
    renewed.save()
    done, old = AuditAction.CONSENT_RENEWED, {"contexts": earlier.contexts, "purpose": earlier.purpose}
    new = {"contexts": renewed.contexts, "purpose": renewed.purpose}
    record(actor=acting_user, action=done, subject=renewed, citizen=citizen, old=old, new=new, source=source.key)
    announce(kind=ChangeKind.CONSENT, citizen=citizen, subject_id=renewed.pk)
    return renewed


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


def _require_read(source: Source, seen: str | None) -> None:
    if seen is not None and seen != hash_of(source):
        words = _("What %(source)s asks for was changed after you opened this page. Read it again before you agree.")
        raise ValidationError({"source": words % {"source": source}}, code="stale")


def _check(acting_user: User, citizen: Citizen) -> None:
    if not may_act_for(acting_user, citizen):
        raise PermissionDenied(_("Consent is the citizen's own to give and to withdraw."))
