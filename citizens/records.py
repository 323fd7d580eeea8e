"""Raw records whose edits are in the audit trail: what the admin adds, changes and deletes of what is governed."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import NestedObjects
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model, QuerySet
from django.forms import BooleanField
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oauth2_provider.forms import ApplicationForm as LibraryApplicationForm
from oauth2_provider.settings import oauth2_settings
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from citizens.access import account_of
from citizens.actions.audit import record
from citizens.actions.holds import note_hold
from citizens.actions.sharing import allow_scopes
from citizens.enums import AuditAction, HoldKind, SubjectKind
from citizens.models import User
from citizens.scopes import scopes_of
from sesame_site.kit.admin.records import Records

SECRET = frozenset({"password", "client_secret", "data", "token", "code", "token_checksum", "hash_client_secret"})
HIDDEN = "•••"
# Whoever writes these could sign in as their owner.
HOLD_BY: dict[type[Model], HoldKind] = {Authenticator: HoldKind.FACTOR, EmailAddress: HoldKind.ADDRESS}


def sign_in_to_records(request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
    """Sends strangers to the site's own form, which asks for a second factor; refuses whoever lacks the right."""
    if request.user.is_authenticated and request.user.is_active:
        raise PermissionDenied(_("The raw records are for accounts with the right to work with them."))
    return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))


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
            for account, kind in _holds(form, change):
                note_hold(account=account, by=account_of(request), kind=kind)

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


class ApplicationForm(LibraryApplicationForm):
    """An application with what it may ask for. Nobody's leave is taken for granted, so there is no box for that."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May ask for"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Nothing else, in either grant. What it was given beyond this ends when you save."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["scopes"].choices = [
            (scope, f"{scope}: {words}") for scope, words in oauth2_settings.SCOPES.items()
        ]
        self.initial.setdefault("scopes", scopes_of(self.instance) if self.instance.pk else [])


class ApplicationRecords(AuditedRecords):
    """Applications, and what each may ask for."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        allow_scopes(
            acting_user=account_of(request), application=form.instance, scopes=form.cleaned_data.get("scopes", [])
        )


def _holds(form: Any, change: bool) -> Iterator[tuple[User, HoldKind]]:
    """The accounts on which this form gives whoever sends it a hold, and how."""
    row = form.instance
    if isinstance(row, User):
        if not change:
            yield row, HoldKind.MADE
        elif {"email", "username"}.intersection(form.changed_data):
            yield row, HoldKind.ADDRESS
        if change and "is_active" in form.changed_data and row.is_active:
            yield row, HoldKind.ACTIVE
    elif kind := HOLD_BY.get(type(row)):
        owners = User.objects.filter(pk__in={row.user_id, form.initial.get("user")} - {None})
        yield from ((owner, kind) for owner in owners.order_by("pk"))


def _record_deletion(actor: User, obj: Model) -> None:
    """Record what goes: the row, and the governed rows that go with it."""
    if kind := HOLD_BY.get(type(obj)):
        note_hold(account=obj.user, by=actor, kind=kind)  # type: ignore[attr-defined]
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
