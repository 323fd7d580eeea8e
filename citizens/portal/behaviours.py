"""The citizen's page of what was reported of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from citizens.access import for_citizens
from citizens.models import Behaviour, Citizen, Consent
from sesame_site.kit.pages.paging import numbered


@for_citizens
def behaviours(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = Behaviour.objects.filter(citizen=citizen).select_related("type", "source").order_by("-occurred_at", "-id")
    page = numbered(request, rows.prefetch_related("contests"))
    by_source = {consent.source_id: consent for consent in Consent.objects.active().filter(citizen=citizen)}
    counting = {
        row.pk for row in page if row.source_id in by_source and by_source[row.source_id].covers(row.type.context)
    }
    return render(request, "portal/behaviours.html", {"page": page, "counting": counting})
