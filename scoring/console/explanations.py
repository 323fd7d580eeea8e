"""Why a citizen has their score, as the console shows it to those who say why they look."""

import time

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from citizens.access import account_of, needs, visible_to
from citizens.actions.looking import LONGEST_REASON, record_look
from citizens.enums import Right
from citizens.models import Citizen
from citizens.reads import mark_look
from scoring.explanation import explain
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent

# For so long one reason serves; then it is asked for again.
SECONDS_A_REASON_SERVES = 15 * 60
LOOKS = "looks"


class LookForm(forms.Form):
    """Why somebody looks at a person's score."""

    reason = forms.CharField(
        label=_("Why do you look at this person's score?"),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_REASON}),
        help_text=_("It is recorded in the audit trail, with your name and the time."),
        error_messages={"required": _("Say why you look. It is recorded.")},
    )


@needs(Right.SEE_SCORES)
def explanation(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line that adds up to the current score. Before it is shown, a POST says why, which is recorded."""
    citizen = get_object_or_404(visible_to(account_of(request)), pk=pk)
    form = bound(LookForm, request)
    if is_sent(request, form) and attempt(
        request, record_look, form=form, at="reason", citizen=citizen, **form.cleaned_data
    ):
        _let_look(request, citizen)
        return redirect("console:explanation", pk)
    if request.method != "POST" and _may_look(request, citizen):
        mark_look(request, citizen)
        context = {"citizen": citizen, "explanation": explain(citizen, exact=True)}
        return render(request, "console/citizens/explanation.html", context)
    return form_page(request, "console/citizens/look.html", form, citizen=citizen)


def _let_look(request: HttpRequest, citizen: Citizen) -> None:
    now = time.time()
    looks = {key: until for key, until in request.session.get(LOOKS, {}).items() if until > now}
    request.session[LOOKS] = looks | {str(citizen.pk): now + SECONDS_A_REASON_SERVES}


def _may_look(request: HttpRequest, citizen: Citizen) -> bool:
    return bool(request.session.get(LOOKS, {}).get(str(citizen.pk), 0) > time.time())
