"""Writes the outbox; call it in the transaction of the write it announces."""

from citizens.enums import ChangeKind
from citizens.models import Change, Citizen


def announce(*, kind: ChangeKind, citizen: Citizen | None = None, subject_id: int | None = None) -> Change:
    """Tells the engine that a row which could move a score was written."""
    return Change.objects.create(kind=kind, citizen=citizen, subject_id=subject_id)
