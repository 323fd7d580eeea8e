"""Looking at what is known of a person: recorded, with the reason."""

from django.db import transaction
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.models import AuditEntry, Citizen, User
from sesame_site.kit.texts import kept_text

LONGEST_REASON = 500


@transaction.atomic
def record_look(*, acting_user: User, citizen: Citizen, reason: str) -> AuditEntry:
    """Put on record that somebody looks at a citizen's score. Raises ValidationError without a reason."""
    require(acting_user, Right.SEE_SCORES)
    reason = kept_text("reason", reason, longest=LONGEST_REASON, missing=_("Say why you look. It is recorded."))
    done = AuditAction.SCORE_VIEWED
    return record(actor=acting_user, action=done, subject=citizen, citizen=citizen, reason=reason)
