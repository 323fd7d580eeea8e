"""The citizen's page about what the score opens and closes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from citizens.access import for_citizens
from citizens.models import Citizen
from perks.eligibility import perk_outcomes, restriction_outcomes
from perks.models import Perk, Restriction
from scoring.models import Score
from scoring.portal.score import shown_now


@for_citizens
def perks(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    published = Score.objects.current().filter(citizen=citizen).values_list("published", flat=True).first()
    context = {
        "shown": shown_now(citizen),
        "published": published,
        "perks": perk_outcomes(published, Perk.objects.active()),
        "restrictions": restriction_outcomes(published, Restriction.objects.active()),
    }
    return render(request, "portal/perks.html", context)


urlpatterns = [path("perks/", perks, name="perks")]
