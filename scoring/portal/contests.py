"""The citizen's pages of objections."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from citizens.access import account_of, for_citizens
from citizens.models import Behaviour, Citizen, Consent
from scoring.actions.contests import open_contest
from scoring.models import Contest


@for_citizens
def contest(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    """Objects to one behaviour, once; what was typed is kept when it is refused."""
    behaviour = get_object_or_404(Behaviour.objects.select_related("type", "source"), pk=pk, citizen=citizen)
    statement, errors = "", []
    if request.method == "POST":
        statement = request.POST.get("statement", "")
        try:
            open_contest(acting_user=account_of(request), behaviour=behaviour, statement=statement)
            return redirect("portal:contests")
        except ValidationError as error:
            errors = error.messages
    context = {
        "behaviour": behaviour,
        "earlier": behaviour.contests.order_by("-opened_at").first(),
        "counts": Consent.objects.active().filter(citizen=citizen, source=behaviour.source).exists(),
        "statement": statement,
        "errors": errors,
    }
    return render(request, "portal/contest.html", context, status=422 if errors else 200)


@for_citizens
def contests(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = Contest.objects.filter(citizen=citizen).select_related("behaviour__type", "behaviour__source")
    return render(request, "portal/contests.html", {"contests": rows})
