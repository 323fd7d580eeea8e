"""The citizen's page of what was reported of them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from citizens.access import for_citizens
from citizens.models import Behaviour, Citizen, Consent

PER_PAGE = 50


@for_citizens
def behaviours(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = Behaviour.objects.filter(citizen=citizen).select_related("type", "source").order_by("-occurred_at", "-id")
    page = Paginator(rows.prefetch_related("contests"), PER_PAGE).get_page(request.GET.get("page"))
    consented = set(Consent.objects.active().filter(citizen=citizen).values_list("source_id", flat=True))
    return render(request, "portal/behaviours.html", {"page": page, "consented": consented})
