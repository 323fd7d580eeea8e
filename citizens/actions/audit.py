"""Writes the audit trail."""

from typing import Any

from django.db.models import Model

from citizens.models import AuditEntry, Citizen, Tie, User


def record(
    *, actor: User | None, action: str, subject: Model | str, citizen: Citizen | None = None, **detail: Any
) -> AuditEntry:
    """One row: who did what to which record. `detail` must be JSON; None as actor is the system itself.

    What is about a citizen goes by its number: the trail outlives those whom a name would name.
    """
    if isinstance(subject, str):
        words = subject
    else:
        words = f"{subject._meta.verbose_name} {subject.pk}"
        if citizen is None and not isinstance(subject, Citizen | Tie):
            words += f": {subject}"
    return AuditEntry.objects.create(actor=actor, action=action, subject=words[:160], citizen=citizen, detail=detail)
