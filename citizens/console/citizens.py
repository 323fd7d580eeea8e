"""The administrators' pages about people: who they are, and which account is theirs."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from citizens.access import needs
from citizens.actions.people import forget, join, leave, link_account, unlink_account
from citizens.enums import Right
from citizens.models import Citizen, Consent, Tie, User
from citizens.models.people import KEY_LENGTH, KEY_TOO_LONG
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent
from sesame_site.kit.pages.paging import PER_PAGE, by_key


class JoinForm(forms.Form):
    """A new citizen."""

    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=KEY_LENGTH,
        help_text=gettext_lazy("The identifier that sources and importers use for them. It stays."),
        error_messages={
            "required": gettext_lazy("Enter a key."),
            "max_length": KEY_TOO_LONG,
        },
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={
            "required": gettext_lazy("Enter a name."),
            "max_length": gettext_lazy("A name has at most 120 characters."),
        },
    )


class AccountForm(forms.Form):
    """Names the account that is the citizen's."""

    account = forms.CharField(
        label=gettext_lazy("Account"),
        max_length=150,
        help_text=gettext_lazy("The name they sign in with."),
        error_messages={
            "required": gettext_lazy("Enter the name of an account."),
            "max_length": gettext_lazy("No account has so long a name."),
        },
    )

    def clean_account(self) -> User:
        typed = self.cleaned_data["account"]
        # As at signing in, where case matters only between two who differ in nothing else.
        same = User.objects.filter(username__iexact=typed)
        account = same.filter(username=typed).first() or same.first()
        if account is None:
            raise ValidationError(_("There is no such account. Accounts are made by signing up, or among the records."))
        return account


class ForgetForm(forms.Form):
    """Asks for the citizen's key once more before everything about them is deleted."""

    key = forms.CharField(
        max_length=KEY_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": KEY_TOO_LONG},
    )

    def __init__(self, *args: Any, citizen: Citizen, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].label = _("Their key, %(key)s, to be sure") % {"key": citizen.key}


@needs(Right.SEE_PEOPLE)
def citizens(request: HttpRequest) -> HttpResponse:
    """Everybody whose key, name or account begins with what was typed, in the order of keys, a page at a time."""
    typed, after = (request.GET.get(name, "").replace("\0", "") for name in ("q", "after"))
    page = by_key(request, _found(typed.strip(), after), "after", lambda citizen: citizen.key)
    context = {"page": page, "typed": typed.strip(), "after": after}
    return render(request, "console/citizens/citizens.html", context)


def _found(typed: str, after: str) -> QuerySet[Citizen]:
    """There may be millions, so each way of finding somebody asks an index of its own, for one page and one more."""
    everybody = Citizen.objects.filter(key__gt=after).order_by("key")
    if typed:
        accounts = User.objects.filter(username__startswith=typed)
        ways = Q(key__startswith=typed), Q(name__istartswith=typed), Q(user__in=accounts)
        first, *others = (everybody.filter(way)[: PER_PAGE + 1].values("pk") for way in ways)
        everybody = everybody.filter(pk__in=first.union(*others))
    return everybody.select_related("user")


@needs(Right.MANAGE_PEOPLE)
def citizen_new(request: HttpRequest) -> HttpResponse:
    form = bound(JoinForm, request)
    if is_sent(request, form):
        joined = attempt(request, join, done=_welcome, form=form, **form.cleaned_data)
        if joined:
            return redirect("console:citizen", joined.pk)
    return form_page(request, "console/citizens/citizen_new.html", form)


def _welcome(citizen: Citizen) -> str:
    words = _("%(citizen)s has joined. Consents are theirs to give, once an account is linked.")
    return words % {"citizen": citizen}


@needs(Right.SEE_PEOPLE, to_post=Right.MANAGE_ACCOUNTS)
def citizen(request: HttpRequest, pk: int) -> HttpResponse:
    """One citizen; a POST links an account."""
    found = get_object_or_404(Citizen.objects.select_related("user"), pk=pk)
    form = bound(AccountForm, request)
    done = _("Linked. The person who signs in with this account is %(citizen)s from now on.") % {"citizen": found}
    if is_sent(request, form) and attempt(
        request, link_account, done=done, form=form, at="account", citizen=found, **form.cleaned_data
    ):
        return redirect("console:citizen", pk)
    return _citizen_page(request, found, form)


def _citizen_page(request: HttpRequest, found: Citizen, form: AccountForm | ForgetForm) -> HttpResponse:
    """The page of one citizen, with the form that was sent on it or is still empty."""
    context = {
        "citizen": found,
        "consents": Consent.objects.active().filter(citizen=found).count(),
        "ties": Tie.objects.live().of(found).count(),
        "account_form": form if isinstance(form, AccountForm) else AccountForm(),
        "forget_form": form if isinstance(form, ForgetForm) else ForgetForm(citizen=found),
    }
    return form_page(request, "console/citizens/citizen.html", form, **context)


@needs(Right.MANAGE_ACCOUNTS)
@require_POST
def citizen_unlink(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Citizen, pk=pk)
    done = _("Unlinked. No account is %(citizen)s any more.") % {"citizen": found}
    attempt(request, unlink_account, done=done, citizen=found)
    return redirect("console:citizen", pk)


@needs(Right.MANAGE_PEOPLE)
@require_POST
def citizen_leave(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Citizen, pk=pk)
    done = _("%(citizen)s has left: no score, and no influence on anybody's, within seconds.") % {"citizen": found}
    attempt(request, leave, done=done, citizen=found)
    return redirect("console:citizen", pk)


@needs(Right.MANAGE_PEOPLE)
@require_POST
def citizen_forget(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Citizen.objects.select_related("user"), pk=pk)
    form = bound(ForgetForm, request, citizen=found)
    done = _("Deleted, with all that was known of them. Their account, if they had one, belongs to nobody now.")
    if is_sent(request, form) and attempt(request, forget, done=done, form=form, citizen=found, **form.cleaned_data):
        return redirect("console:citizens")
    return _citizen_page(request, found, form)
