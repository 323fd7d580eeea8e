"""Raw records of the citizens app."""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from citizens import models
from citizens.access import account_of
from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.actions.holds import note_hold
from citizens.enums import AuditAction, ChangeKind, Context, HoldKind
from citizens.records import AuditedRecords
from sesame_site.kit.admin.records import Kept, ReadOnly


@admin.register(models.User)
class AccountAdmin(UserAdmin, AuditedRecords):
    """Accounts without what they may do: roles are given in the console, superusers are made at the command line."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser")
    list_filter = ("is_superuser", "is_active", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("What it may do"), {"fields": ("is_active", "is_superuser", "role_words")}),
        (_("When"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("is_superuser", "role_words", "last_login", "date_joined")
    filter_horizontal = ()

    @admin.display(description=_("Roles, which are given in the console"))
    def role_words(self, account: models.User) -> str:
        return ", ".join(str(role.label) for role in account.roles) or "—"

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        account = self.get_object(request, unquote(id))
        before = account.password if account else None
        response = super().user_change_password(request, id, form_url)
        if account is not None:
            account.refresh_from_db(fields=["password"])
            # Whatever the answer looks like: it also redirects when it has changed nothing.
            if account.password != before:
                actor = account_of(request)
                note_hold(account=account, by=actor, kind=HoldKind.PASSWORD)
                record(actor=actor, action=AuditAction.PASSWORD_SET, subject=account)
        return response


@admin.register(models.RoleGrant)
class RoleGrantAdmin(ReadOnly):
    list_display = ("account", "role", "asked_by", "asked_at", "confirmed_by", "in_force_since", "ended_by", "ended_at")
    list_select_related = ("account", "asked_by", "confirmed_by", "ended_by")
    list_filter = ("role",)
    search_fields = ("account__username",)


@admin.register(models.Hold)
class HoldAdmin(ReadOnly):
    list_display = ("account", "by", "kind", "at")
    list_select_related = ("account", "by")
    list_filter = ("kind",)
    search_fields = ("account__username", "by__username")


@admin.register(models.Citizen)
class CitizenAdmin(ReadOnly):
    list_display = ("key", "name", "user", "is_synthetic", "joined_at", "left_at")
    list_filter = ("is_synthetic",)
    list_select_related = ("user",)
    search_fields = ("key", "name")


@admin.register(models.Tie)
class TieAdmin(ReadOnly):
    list_display = ("first", "second", "kind", "strength", "since", "started_at", "ended_at")
    list_filter = ("kind",)
    list_select_related = ("first", "second")
    search_fields = ("first__key", "second__key")


@admin.register(models.BehaviourType)
class BehaviourTypeAdmin(Kept, AuditedRecords):
    list_display = ("key", "name", "context", "unit", "amounts_below_zero", "plausible_most")
    list_filter = ("context", "amounts_below_zero")
    search_fields = ("key", "name")

    def save_model(self, request: HttpRequest, obj: models.BehaviourType, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "context" in form.changed_data:
            # Consents name contexts, so whose behaviours of this type count may have changed for everybody.
            announce(kind=ChangeKind.IMPORT)


class SourceForm(forms.ModelForm):
    contexts = forms.MultipleChoiceField(
        choices=Context.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=models.Source._meta.get_field("contexts").help_text,
    )


@admin.register(models.Source)
class SourceAdmin(Kept, AuditedRecords):
    form = SourceForm
    list_display = ("key", "name", "contexts", "application", "is_synthetic")
    list_select_related = ("application",)
    search_fields = ("key", "name")


@admin.register(models.Behaviour)
class BehaviourAdmin(ReadOnly):
    list_display = ("citizen", "type", "source", "occurred_at", "amount", "retracted_at")
    list_select_related = ("citizen", "type", "source")
    list_filter = ("type", "source")
    search_fields = ("citizen__key", "external_id", "external_key")
    ordering = ("-id",)


@admin.register(models.Consent)
class ConsentAdmin(ReadOnly):
    list_display = ("citizen", "source", "contexts", "granted_at", "withdrawn_at", "origin", "receipt")
    list_select_related = ("citizen", "source")
    list_filter = ("source", "origin")
    search_fields = ("citizen__key",)


@admin.register(models.ConsentText)
class ConsentTextAdmin(ReadOnly):
    list_display = ("hash", "version", "language", "words")


@admin.register(models.ScoreRead)
class ScoreReadAdmin(ReadOnly):
    list_display = ("citizen", "application", "account", "what", "day", "times", "last_at")
    list_select_related = ("citizen", "application", "account")
    list_filter = ("what",)
    search_fields = ("citizen__key", "application__name")


@admin.register(models.Change)
class ChangeAdmin(ReadOnly):
    list_display = ("id", "kind", "citizen", "subject_id", "created_at", "applied_at")
    list_select_related = ("citizen",)
    list_filter = ("kind",)
    ordering = ("-id",)


@admin.register(models.AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor", "action", "subject_kind", "subject_id", "subject_name", "citizen_id")
    list_select_related = ("actor",)
    list_filter = ("action", "subject_kind")
    search_fields = ("subject_name",)
