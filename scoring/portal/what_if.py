"""The citizen's page that says what one more behaviour would do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from citizens.access import for_citizens
from citizens.models import Citizen
from scoring.models import RuleSet
from scoring.portal.forms import WhatIfForm
from sesame_site.kit.pages.forms import form_page


@for_citizens
def what_if(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """What one more behaviour would do; nothing is written."""
    rule_set = RuleSet.objects.in_force()
    if rule_set is None:
        return render(request, "portal/what_if.html", {"form": None})
    form = WhatIfForm(request.GET or None, rule_set=rule_set)
    context: dict[str, Any] = {}
    if form.is_valid():
        from scoring.lab.what_if import what_if as answer  # compiled code, which other pages do without

        context["found"] = answer(citizen, [(form.cleaned_data["kind"], form.cleaned_data["amount"])])
        context["asked"] = True
    return form_page(request, "portal/what_if.html", form, **context)
