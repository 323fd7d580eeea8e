"""Writes the audit trail."""

from typing import Any

from django.db.models import Model

from citizens.enums import AuditAction, SubjectKind
from citizens.models import AuditEntry, Citizen, Tie, User

# Names of these would be names of citizens.
WITHOUT_A_NAME = (Citizen, Tie)


def record(
    *,
    actor: User | None,
    action: AuditAction,
    subject: Model | SubjectKind,
    name: str = "",
    citizen: Citizen | None = None,
    old: Any = None,
    new: Any = None,
    reason: str = "",
    **facts: Any,
) -> AuditEntry:
    """One row: who did what to which record. None as actor is the system itself.

    `subject` is the record, or, where there is none, what kind of thing it is. `old`, `new` and the facts must be JSON.
    """
    kind, pk = _kind_and_number(subject)
    if isinstance(subject, Model) and citizen is None and not isinstance(subject, WITHOUT_A_NAME):
        name = name or _name_of(subject)
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        subject_kind=kind,
        subject_id=pk,
        subject_name=name[:160],
        citizen=citizen,
        old=old,
        new=new,
        reason=reason,
        facts=facts,
    )


def _name_of(subject: Model) -> str:
    """What the record is called, where it has a name; sentences about it are worded when they are shown."""
    names = (getattr(subject, field, "") for field in ("name", "username", "key"))
    return next((str(name) for name in names if name), "")


def _kind_and_number(subject: Model | SubjectKind) -> tuple[SubjectKind, int | None]:
    if isinstance(subject, Model):
        return SubjectKind(subject._meta.label_lower), subject.pk
    return subject, None
