"""Raw records of the citizens app."""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from citizens import models
from citizens.access import account_of
from citizens.actions.audit import record
from citizens.enums import AuditAction, Context
from citizens.records import AuditedRecords
from sesame_site.kit.admin.records import Kept, ReadOnly


@admin.register(models.User)
class AccountAdmin(UserAdmin, AuditedRecords):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        account = self.get_object(request, unquote(id))
        before = account.password if account else None
        response = super().user_change_password(request, id, form_url)
        if account is not None:
            account.refresh_from_db(fields=["password"])
            # Whatever the answer looks like: it also redirects when it has changed nothing.
            if account.password != before:
                record(actor=account_of(request), action=AuditAction.PASSWORD_SET, subject=account)
        return response


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
    list_display = ("citizen", "source", "granted_at", "withdrawn_at", "origin", "receipt")
    list_select_related = ("citizen", "source")
    list_filter = ("source", "origin")
    search_fields = ("citizen__key",)


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
