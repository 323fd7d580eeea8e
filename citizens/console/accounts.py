"""The console's pages about accounts: who has which roles."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import ROLES, account_of, accounts_with_rights, has_right, needs
from citizens.actions.accounts import assign_roles
from citizens.enums import Right, Role
from citizens.models import User

PER_PAGE = 50


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
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "console/accounts/accounts.html", {"page": page, "typed": typed})


@needs(Right.READ_ACCOUNTS, to_post=Right.MANAGE_ACCOUNTS)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account; a POST assigns its roles."""
    found = get_object_or_404(User.objects.select_related("citizen"), pk=pk)
    form = RolesForm(request.POST if request.method == "POST" else None, initial={"roles": [*found.role_keys]})
    if request.method == "POST" and form.is_valid():
        try:
            assign_roles(acting_user=account_of(request), account=found, roles=form.cleaned_data["roles"])
            messages.success(request, _("The roles of %(account)s are saved.") % {"account": found})
            return redirect("console:account", pk)
        except ValidationError as error:
            form.add_error("roles", error.messages)
    context = {
        "account": found,
        "form": form,
        "is_own": found == request.user,
        "may_change": found != request.user and has_right(request.user, Right.MANAGE_ACCOUNTS),
        "meanings": [(role, sorted(right.label for right in ROLES[role])) for role in Role],
    }
    return render(request, "console/accounts/account.html", context, status=422 if form.errors else 200)
