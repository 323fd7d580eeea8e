"""Looking at what is known of a person: recorded, with the reason."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.models import AuditEntry, Citizen, User

LONGEST_REASON = 500


@transaction.atomic
def record_look(*, acting_user: User, citizen: Citizen, reason: str) -> AuditEntry:
    """Put on record that somebody looks at a citizen's score. Raises ValidationError without a reason."""
    require(acting_user, Right.SEE_SCORES)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why you look. It is recorded.")})
    if len(reason) > LONGEST_REASON:
        raise ValidationError({"reason": _("A reason has at most %(most)s characters.") % {"most": LONGEST_REASON}})
    if "\0" in reason:
        raise ValidationError({"reason": _("The reason contains a character that cannot be stored.")})
    done = AuditAction.SCORE_VIEWED
    return record(actor=acting_user, action=done, subject=citizen, citizen=citizen, reason=reason)
