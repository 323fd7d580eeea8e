"""Why a citizen has their score, as administrators may see it: what the citizen sees themselves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from citizens.access import needs
from citizens.enums import Right
from citizens.models import Citizen
from scoring.explanation import explain


@needs(Right.SEE_SCORES)
def explanation(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line that adds up to the current score; the network effect is split only where that reveals nobody."""
    citizen = get_object_or_404(Citizen, pk=pk)
    return render(request, "console/citizens/explanation.html", {"citizen": citizen, "explanation": explain(citizen)})
