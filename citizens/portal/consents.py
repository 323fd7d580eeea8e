"""The citizen's page of consents, and the way out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from citizens.access import for_citizens
from citizens.actions.consent import grant_consent, withdraw_consent
from citizens.actions.people import leave
from citizens.enums import ConsentOrigin
from citizens.models import Citizen, Consent, Source
from sesame_site.kit.pages.actions import attempt


@for_citizens
def consents(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    newest = {consent.source_id: consent for consent in Consent.objects.filter(citizen=citizen).order_by("granted_at")}
    sources = [(source, newest.get(source.pk)) for source in Source.objects.all()]
    given = sum(consent.withdrawn_at is None for consent in newest.values())
    context = {"sources": sources, "given": given, "citizen": citizen}
    return render(request, "portal/consents.html", context)


@for_citizens
@require_POST
def consent_action(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    source = get_object_or_404(Source, pk=pk)
    if "withdraw" in request.POST:
        words = _(
            "Withdrawn. From now on, nothing %(source)s says of you counts for anybody; scores follow within seconds."
        )
        done = words % {"source": source}
        attempt(request, withdraw_consent, done=done, citizen=citizen, source=source)
    else:
        done = _given(citizen, source) % {"source": source}
        origin = ConsentOrigin.PORTAL
        attempt(request, grant_consent, done=done, citizen=citizen, source=source, origin=origin)
    return redirect("portal:consents")


@for_citizens
@require_POST
def leave_for_good(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    done = _("You have left. Within seconds you have no score, and count for nobody.")
    attempt(request, leave, done=done, citizen=citizen)
    return redirect("portal:consents")


def _given(citizen: Citizen, source: Source) -> str:
    """What giving consent does, which waits where an earlier one was withdrawn."""
    if Consent.objects.filter(citizen=citizen, source=source).exists():
        return _(
            "Given again. What %(source)s says of you, earlier reports too, counts for your score after a wait, with a "
            "run, as a new tie does."
        )
    return _("Given. What %(source)s says of you counts, earlier reports too; scores follow within seconds.")
