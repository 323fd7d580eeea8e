"""Proposing, confirming, declining and ending ties."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import may_act_for
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import AuditAction, ChangeKind, TieKind
from citizens.models import Citizen, Tie, User


def stored_as(*, citizen: Citizen, other: Citizen, kind: TieKind) -> tuple[Citizen, Citizen, TieKind]:
    """(first, second, kind) under which "`other` is `kind` to `citizen`" is stored."""
    if kind == TieKind.CHILD:
        return other, citizen, TieKind.PARENT
    if kind == TieKind.PARENT or citizen.pk < other.pk:
        return citizen, other, kind
    return other, citizen, kind


@transaction.atomic
def propose_tie(*, acting_user: User, proposer: Citizen, other: Citizen, kind: TieKind, strength: float = 1.0) -> Tie:
    """`proposer` says that `other` is `kind` to them. It counts for nothing until the other side confirms.

    Raises ValidationError on the field at fault: a tie to oneself, one that exists, a strength outside (0, 1].
    """
    if not may_act_for(acting_user, proposer):
        raise PermissionDenied(_("A tie is proposed by one of its two sides."))
    if proposer.pk == other.pk:
        raise ValidationError({"other": _("A tie needs two people.")})
    if proposer.has_left or other.has_left:
        raise ValidationError({"other": _("One of the two has left.")})
    if not 0 < strength <= 1:
        raise ValidationError({"strength": _("Must be more than 0 and at most 1.")})
    first, second, stored = stored_as(citizen=proposer, other=other, kind=TieKind(kind))
    try:
        with transaction.atomic():
            tie = Tie.objects.create(first=first, second=second, kind=stored, strength=strength, proposed_by=proposer)
    except IntegrityError as error:
        raise ValidationError({"other": _already_there(proposer, first, second, stored)}) from error
    record(actor=acting_user, action=AuditAction.TIE_PROPOSED, subject=tie, citizen=proposer)
    return tie


@transaction.atomic
def confirm_tie(*, acting_user: User, tie: Tie) -> Tie:
    """The other side agrees: from now on the tie holds, and it counts once it has waited as long as the rules say.

    Raises ValidationError if it is not open any more, if one of the two has left, or if it would be a second partner.
    """
    _check_other_side(acting_user, tie)
    if tie.first.has_left or tie.second.has_left:
        raise ValidationError({"tie": _("One of the two has left.")})
    _check_one_partner(tie)
    now = timezone.now()
    if not Tie.objects.proposed().filter(pk=tie.pk).update(started_at=now, since=now):
        raise ValidationError({"tie": _("This proposal is no longer open.")})
    return _written(acting_user, tie, AuditAction.TIE_CONFIRMED)


@transaction.atomic
def decline_tie(*, acting_user: User, tie: Tie) -> Tie:
    """Either side closes a proposal: the other declines, the proposer takes it back."""
    _check_a_side(acting_user, tie)
    if not Tie.objects.proposed().filter(pk=tie.pk).update(ended_at=timezone.now()):
        raise ValidationError({"tie": _("This proposal is no longer open.")})
    tie.refresh_from_db()
    record(actor=acting_user, action=AuditAction.TIE_DECLINED, subject=tie, citizen=_side_of(acting_user, tie))
    return tie


@transaction.atomic
def end_tie(*, acting_user: User, tie: Tie) -> Tie:
    """Either side ends it; nobody has to agree."""
    _check_a_side(acting_user, tie)
    if not Tie.objects.live().filter(pk=tie.pk).update(ended_at=timezone.now()):
        raise ValidationError({"tie": _("This tie has already ended.")})
    return _written(acting_user, tie, AuditAction.TIE_ENDED)


def _already_there(proposer: Citizen, first: Citizen, second: Citizen, kind: TieKind) -> str:
    """In words, which tie of the pair stands in the way; a parent and a child are one tie, read from either side."""
    pair = [first, second]
    tie = Tie.objects.filter(first__in=pair, second__in=pair, kind=kind, ended_at=None).first()
    if tie is None:
        return _("There was such a tie a moment ago. Try again.")
    role = tie.role_for(proposer).label
    if tie.is_live:
        return _("You already have this tie with them: %(role)s.") % {"role": role}
    if tie.proposed_by_id == proposer.pk:
        return _("You have proposed this tie already (%(role)s); it waits for them.") % {"role": role}
    return _("They have proposed this tie already (%(role)s); it waits for you to confirm.") % {"role": role}


def _written(acting_user: User, tie: Tie, action: AuditAction) -> Tie:
    tie.refresh_from_db()
    record(actor=acting_user, action=action, subject=tie, citizen=_side_of(acting_user, tie))
    announce(kind=ChangeKind.TIE, subject_id=tie.pk)
    return tie


def _side_of(acting_user: User, tie: Tie) -> Citizen:
    """The side that acts, or that somebody acts for: the one that did not propose it."""
    for side in (tie.first, tie.second):
        if side.user_id == acting_user.pk:
            return side
    return tie.answering


def _check_one_partner(tie: Tie) -> None:
    """Everybody has one partner at a time. The two are locked, so that nobody confirms another one meanwhile."""
    if tie.kind != TieKind.PARTNER:
        return
    pair = [tie.first_id, tie.second_id]
    list(Citizen.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pair).order_by("pk"))
    if Tie.objects.partners_of(tie.first, tie.second).exists():
        words = _("One of the two has a partner already, and everybody has one at a time. That tie has to end first.")
        raise ValidationError({"tie": words})


def _check_a_side(acting_user: User, tie: Tie) -> None:
    if not (may_act_for(acting_user, tie.first) or may_act_for(acting_user, tie.second)):
        raise PermissionDenied(_("Only the two sides of a tie can do this."))


def _check_other_side(acting_user: User, tie: Tie) -> None:
    # Staff may act for anybody, but not for both sides of a tie of their own.
    is_proposer = tie.proposed_by is not None and tie.proposed_by.user_id == acting_user.pk
    if is_proposer or not may_act_for(acting_user, tie.answering):
        raise PermissionDenied(_("A tie is confirmed by the side that did not propose it."))
