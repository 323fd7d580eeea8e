"""Opening a contest, and deciding it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import counts_by_consent, may_act_for, require
from citizens.actions.audit import record
from citizens.actions.behaviours import retract
from citizens.enums import AuditAction, Right
from citizens.models import Behaviour, User
from scoring.enums import ContestStatus
from scoring.models import Contest
from scoring.models.contests import LONGEST_TEXT
from sesame_site.kit.texts import kept_text


@transaction.atomic
def open_contest(*, acting_user: User, behaviour: Behaviour, statement: str) -> Contest:
    """The citizen objects to a behaviour that counts, once. Raises ValidationError on the field at fault."""
    citizen = behaviour.citizen
    if not may_act_for(acting_user, citizen):
        raise PermissionDenied(_("Only the citizen can object to what is said of them."))
    statement = kept_text("statement", statement, longest=LONGEST_TEXT, missing=_("Say what is wrong with it."))
    if behaviour.is_retracted:
        raise ValidationError({"statement": _("This behaviour is already retracted and counts for nothing.")})
    if not counts_by_consent(behaviour):
        raise ValidationError({"statement": _("Its source has no consent, so this behaviour counts for nothing.")})
    if behaviour.contests.exclude(status=ContestStatus.OPEN).exists():
        raise ValidationError({"statement": _("You have objected to this already, and it was decided.")})
    try:
        with transaction.atomic():
            contest = Contest.objects.create(citizen=citizen, behaviour=behaviour, statement=statement)
    except IntegrityError as error:
        raise ValidationError({"statement": _("You already object to this; it waits for a decision.")}) from error
    record(actor=acting_user, action=AuditAction.CONTEST_OPENED, subject=contest, citizen=citizen)
    return contest


@transaction.atomic
def decide_contest(*, acting_user: User, contest: Contest, uphold: bool, reason: str) -> Contest:
    """A judge decides, with a reason the citizen will read. Upholding retracts the behaviour.

    Nobody decides on their own objection. Raises ValidationError if it is decided already.
    """
    require(acting_user, Right.JUDGE_CONTESTS)
    if contest.citizen.user_id == acting_user.pk:
        raise PermissionDenied(_("Nobody decides on their own objection."))
    reason = kept_text("reason", reason, longest=LONGEST_TEXT, missing=_("Give the citizen a reason."))
    status = ContestStatus.UPHELD if uphold else ContestStatus.REJECTED
    decided = Contest.objects.filter(pk=contest.pk, status=ContestStatus.OPEN).update(
        status=status, decided_by=acting_user, decided_at=timezone.now(), reason=reason
    )
    if not decided:
        raise ValidationError({"contest": _("This contest has already been decided.")})
    contest.refresh_from_db()
    if uphold and not contest.behaviour.is_retracted:
        retract(acting_user=acting_user, behaviour=contest.behaviour, reason=f"Contest {contest.pk} upheld: {reason}")
    done = AuditAction.CONTEST_UPHELD if uphold else AuditAction.CONTEST_REJECTED
    record(actor=acting_user, action=done, subject=contest, citizen=contest.citizen, reason=reason)
    return contest
