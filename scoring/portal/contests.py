"""The citizen's pages of objections."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from citizens.access import counts_by_consent, for_citizens
from citizens.models import Behaviour, Citizen
from scoring.actions.contests import open_contest
from scoring.models import Contest
from scoring.portal.forms import ObjectionForm
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent


@for_citizens
def contest(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    """Objects to one behaviour, once; what was typed is kept when it is refused."""
    behaviour = get_object_or_404(Behaviour.objects.select_related("type", "source"), pk=pk, citizen=citizen)
    form = bound(ObjectionForm, request)
    if is_sent(request, form) and attempt(
        request, open_contest, form=form, at="statement", behaviour=behaviour, **form.cleaned_data
    ):
        return redirect("portal:contests")
    context = {
        "behaviour": behaviour,
        "earlier": behaviour.contests.order_by("-opened_at").first(),
        "counts": counts_by_consent(behaviour),
    }
    return form_page(request, "portal/contest.html", form, **context)


@for_citizens
def contests(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = Contest.objects.filter(citizen=citizen).select_related("behaviour__type", "behaviour__source")
    return render(request, "portal/contests.html", {"contests": rows})
