"""The console's pages about accounts: who has which roles."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import ROLES, accounts_with_rights, has_right, needs
from citizens.actions.accounts import assign_roles
from citizens.enums import Right, Role
from citizens.models import User
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
    context = {"page": numbered(request, rows), "typed": typed}
    return render(request, "console/accounts/accounts.html", context)


@needs(Right.READ_ACCOUNTS, to_post=Right.MANAGE_ACCOUNTS)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account; a POST assigns its roles."""
    found = get_object_or_404(User.objects.select_related("citizen"), pk=pk)
    form = bound(RolesForm, request, initial={"roles": [*found.role_keys]})
    done = _("The roles of %(account)s are saved.") % {"account": found}
    if is_sent(request, form) and attempt(
        request, assign_roles, done=done, form=form, at="roles", account=found, **form.cleaned_data
    ):
        return redirect("console:account", pk)
    context = {
        "account": found,
        "is_own": found == request.user,
        "may_change": found != request.user and has_right(request.user, Right.MANAGE_ACCOUNTS),
        "meanings": [(role, sorted(right.label for right in ROLES[role])) for role in Role],
    }
    return form_page(request, "console/accounts/account.html", form, **context)
