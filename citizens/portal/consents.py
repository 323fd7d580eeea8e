"""The citizen's page of consents, and the way out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from citizens.access import for_citizens
from citizens.actions.consent import grant_consent, renew_consent, withdraw_consent
from citizens.actions.people import leave
from citizens.consent_text import hash_of
from citizens.enums import ConsentOrigin
from citizens.models import Citizen, Consent, Source
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.seen import INCOMPLETE, Seen

READ = Seen("citizens.portal.consents")


@for_citizens
def consents(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    newest = {consent.source_id: consent for consent in Consent.objects.filter(citizen=citizen).order_by("granted_at")}
    sources = list(Source.objects.all())
    for source in sources:
        if source.pk in newest:
            newest[source.pk].source = source
    asking = [row for row in newest.values() if row.withdrawn_at is None and row.is_outgrown]
    given = sum(consent.withdrawn_at is None for consent in newest.values())
    context = {
        "sources": [(source, newest.get(source.pk), _note(source)) for source in sources],
        "asking": [(row, _note(row.source)) for row in asking],
        "given": given,
        "citizen": citizen,
    }
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
    elif (seen := READ.sent_with(request)) is None:
        messages.error(request, INCOMPLETE)
    elif "renew" in request.POST:
        words = _("Agreed. What %(source)s says of you counts as far as it asks for now.")
        done = words % {"source": source}
        attempt(request, renew_consent, done=done, citizen=citizen, source=source, seen=seen["text"])
    else:
        done, given = (
            _given(citizen, source) % {"source": source},
            {"origin": ConsentOrigin.PORTAL, "seen": seen["text"]},
        )
        attempt(request, grant_consent, done=done, citizen=citizen, source=source, **given)
    return redirect("portal:consents")


def _note(source: Source) -> str:
    """The signed note of what the page says of this source, which the form sends along."""
    return READ.sign({"text": hash_of(source)})


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
