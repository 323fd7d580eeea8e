"""Raw records of the libraries: as they register them, their forms would have labels but no boxes to type in."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.forms import ModelForm
from django_celery_beat.admin import PeriodicTaskForm, PeriodicTaskInline, TaskSelectWidget
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from sesame_site.kit.admin.records import ReadOnly


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The tasks that there are."""


class TaskForm(PeriodicTaskForm):
    """A periodic task; its two fields that are no columns need their boxes by hand."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["regtask"].widget = TaskSelect()
        self.fields["task"].widget = UnfoldAdminTextInputWidget()


class TasksInline(PeriodicTaskInline, TabularInline):
    """The tasks of a schedule, to look at."""


def register_again(base: type[ModelAdmin], applications: type[ModelAdmin], form: type[ModelForm]) -> None:
    """What the libraries register, as they do it, on top of `base`; applications on theirs, with this form."""
    _again(Group, ReadOnly, search_fields=("name",), filter_horizontal=())
    # Nobody's leave is taken for granted: the database refuses it, so there is no box for it.
    without = {"exclude": ("skip_authorization",), "list_filter": ("client_type", "authorization_grant_type")}
    _again(Application, applications, form=form, **without)
    for model in (EmailAddress, Authenticator, AccessToken, Grant, IDToken, RefreshToken):
        _again(model, base)
    _again(PeriodicTask, base, form=TaskForm)
    for schedule in (ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule):
        _again(schedule, base, inlines=[TasksInline])


def _again(model: type[Model], base: type[ModelAdmin], **replaced: Any) -> None:
    theirs = type(admin.site.get_model_admin(model))
    admin.site.unregister(model)
    admin.site.register(model, type(theirs.__name__, (theirs, base), replaced))
