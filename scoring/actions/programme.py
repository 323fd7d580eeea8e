"""What administrators set for the whole programme."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.models import User
from scoring.enums import Cadence
from scoring.models import Programme
from scoring.models.programme import THE_ROW


@transaction.atomic
def set_cadence(*, acting_user: User | None, cadence: str) -> Cadence:
    """Sets when what others do enters a published number; the scores follow with the next live update.

    Without an acting user the system itself sets it. Nothing is recorded where nothing changes.
    """
    if acting_user is not None:
        require(acting_user, Right.PUBLISH_RULE_SETS)
    if cadence not in Cadence.values:
        raise ValidationError({"cadence": _("Choose when others count: with each run, or at once.")})
    Programme.objects.bulk_create([Programme(pk=THE_ROW)], ignore_conflicts=True)
    programme = Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=THE_ROW)
    before, programme.cadence = programme.cadence, Cadence(cadence)
    if before != programme.cadence:
        programme.save(update_fields=["cadence"])
        record(
            actor=acting_user,
            action=AuditAction.CADENCE_SET,
            subject=programme,
            old={"cadence": before},
            new={"cadence": programme.cadence.value},
        )
    return programme.cadence
