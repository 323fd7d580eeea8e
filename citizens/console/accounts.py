"""The console's pages about accounts: who has which roles."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from citizens.access import ROLES, accounts_with_rights, has_right, needs, takes_two
from citizens.actions.accounts import assign_roles, confirm_role, decline_role
from citizens.enums import Right, Role
from citizens.models import RoleGrant, User
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent
from sesame_site.kit.pages.paging import numbered


class RolesForm(forms.Form):
    """The roles of one account."""

    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=Role.choices,
        coerce=Role,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("There is no such role.")},
    )


@needs(Right.READ_ACCOUNTS)
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts that have roles; with something typed, all whose name begins with it."""
    typed = request.GET.get("q", "").replace("\0", "").strip()
    found = User.objects.filter(username__istartswith=typed) if typed else accounts_with_rights()
    rows = found.select_related("citizen").prefetch_related("groups").order_by("username")
    pending = RoleGrant.objects.pending().select_related("account", "asked_by").order_by("id")
    context = {"page": numbered(request, rows), "typed": typed, "pending": pending}
    return render(request, "console/accounts/accounts.html", context)


@needs(Right.READ_ACCOUNTS, to_post=Right.MANAGE_ACCOUNTS)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account; a POST assigns its roles."""
    found = get_object_or_404(User.objects.select_related("citizen"), pk=pk)
    form = bound(RolesForm, request, initial={"roles": [*found.role_keys]})
    if is_sent(request, form) and attempt(
        request, assign_roles, done=_what_was_done, form=form, at="roles", account=found, **form.cleaned_data
    ):
        return redirect("console:account", pk)
    context = {
        "account": found,
        "is_own": found == request.user,
        "may_change": found != request.user and has_right(request.user, Right.MANAGE_ACCOUNTS),
        "meanings": [(role, takes_two(role), sorted(right.label for right in ROLES[role])) for role in Role],
        "pending": RoleGrant.objects.pending().filter(account=found).select_related("account", "asked_by"),
        "cooling_days": settings.COOLING_DAYS,
    }
    return form_page(request, "console/accounts/account.html", form, **context)


def _what_was_done(account: User) -> str:
    asked = RoleGrant.objects.pending().filter(account=account)
    if asked.exists():
        return _("The roles of %(account)s are saved. Those that take two people wait for a second one.") % {
            "account": account
        }
    return _("The roles of %(account)s are saved.") % {"account": account}


@needs(Right.MANAGE_ACCOUNTS)
@require_POST
def role_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(RoleGrant.objects.select_related("account"), pk=pk)
    done = _("Confirmed. From now on %(account)s has this role: %(role)s.")
    words = done % {"account": grant.account, "role": grant.get_role_display()}
    attempt(request, confirm_role, done=words, grant=grant)
    return redirect("console:account", grant.account_id)


@needs(Right.MANAGE_ACCOUNTS)
@require_POST
def role_decline(request: HttpRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(RoleGrant.objects.select_related("account"), pk=pk)
    done = _("Closed: %(account)s does not get this role: %(role)s.")
    words = done % {"account": grant.account, "role": grant.get_role_display()}
    attempt(request, decline_role, done=words, grant=grant)
    return redirect("console:account", grant.account_id)
