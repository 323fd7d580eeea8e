"""Raw records whose edits are in the audit trail: what the admin adds, changes and deletes of what is governed."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import NestedObjects
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model, QuerySet
from django.forms import BooleanField
from django.http import HttpRequest

from citizens.access import account_of
from citizens.actions.audit import record
from citizens.enums import AuditAction, SubjectKind
from citizens.models import User
from sesame_site.kit.admin.records import Records

SECRET = frozenset({"password", "client_secret", "data", "token", "code", "token_checksum", "hash_client_secret"})
HIDDEN = "•••"


class AuditedRecords(Records):
    """Records every edit, with the old and the new values of what was edited, in the transaction that makes it."""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        # Read before the form writes: an instance bound to a form has the new values already.
        form.values_before = _values(form, form.initial) if change else None
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        old, new = form.values_before, _values(form, form.cleaned_data)
        if not change or old != new:
            action = AuditAction.RECORD_CHANGED if change else AuditAction.RECORD_ADDED
            record(actor=account_of(request), action=action, subject=form.instance, old=old, new=new)

    @transaction.atomic
    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Carry out an action on the chosen rows, and record what it changed of each and which it deleted."""
        chosen = list(_chosen(request, queryset).order_by("pk"))
        before = {row.pk: _row(row) for row in chosen}
        response = super().response_action(request, queryset)
        after = {row.pk: _row(row) for row in self.model._default_manager.filter(pk__in=before)}
        recorded = getattr(request, "deletions_recorded", ())
        for row in chosen:
            if row.pk in after:
                _record_change(account_of(request), row, before[row.pk], after[row.pk])
            elif row.pk not in recorded:
                record(actor=account_of(request), action=AuditAction.RECORD_DELETED, subject=row, old=before[row.pk])
        return response

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        _record_deletion(account_of(request), obj)
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = list(queryset.order_by("pk"))
        for obj in rows:
            _record_deletion(account_of(request), obj)
        request.deletions_recorded = {obj.pk for obj in rows}  # type: ignore[attr-defined]
        super().delete_queryset(request, queryset)


def _chosen(request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The rows an action is for: those that were ticked, or all that the list holds."""
    if BooleanField().to_python(request.POST.get("select_across")):
        return queryset
    return queryset.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))


def _record_change(actor: User, row: Model, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Record the columns that differ, if any do."""
    changed = [name for name in new if old[name] != new[name]]
    if changed:
        record(
            actor=actor,
            action=AuditAction.RECORD_CHANGED,
            subject=row,
            old={name: old[name] for name in changed},
            new={name: new[name] for name in changed},
        )


def _record_deletion(actor: User, obj: Model) -> None:
    """Record what goes: the row, and the governed rows that go with it."""
    collector = NestedObjects(using=DEFAULT_DB_ALIAS)
    collector.collect([obj])
    for model, rows in collector.data.items():
        if model._meta.label_lower in SubjectKind.values:
            for row in sorted(rows, key=lambda row: row.pk):
                record(actor=actor, action=AuditAction.RECORD_DELETED, subject=row, old=_row(row))


def _row(row: Model) -> dict[str, Any]:
    """All columns of a row, as JSON can carry them; secrets are not told."""
    return {field.name: _plain(field.name, field.value_from_object(row)) for field in row._meta.concrete_fields}


def _values(form: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The changed fields with these values, as JSON can carry them; secrets are not told."""
    return {name: _plain(name, values.get(name)) for name in form.changed_data}


def _plain(name: str, value: Any) -> Any:
    if name in SECRET:
        return HIDDEN if value else ""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, QuerySet | list | tuple | set):
        return [_plain("", part) for part in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    try:
        return DjangoJSONEncoder().default(value)
    except TypeError:
        return str(value)
