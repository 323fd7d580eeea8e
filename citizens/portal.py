"""The citizen's pages about what is known of them: ties, consents, behaviours."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from citizens.access import account_of, citizen_of
from citizens.actions.consent import grant_consent, withdraw_consent
from citizens.actions.people import leave
from citizens.actions.ties import confirm_tie, decline_tie, end_tie, propose_tie
from citizens.enums import TieKind
from citizens.models import Behaviour, Citizen, Consent, Source, Tie
from sesame_site.kit.numbers import PlainDecimal
from sesame_site.kit.portal import attempt

PER_PAGE = 50
TIE_ACTIONS = {
    "confirm": (confirm_tie, "Confirmed. It counts from now on; scores follow within seconds."),
    "decline": (decline_tie, "Closed. It never counted."),
    "end": (end_tie, "Ended. It counts no longer; scores follow within seconds."),
}


def for_citizens(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the view the citizen the account belongs to; others are asked to sign in, or refused."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        citizen = citizen_of(request.user)
        if citizen is None:
            raise PermissionDenied("This account belongs to no citizen.")
        return view(request, citizen, *args, **kwargs)

    return guarded


class TieForm(forms.Form):
    """Proposes a tie to somebody whose key one knows."""

    other = forms.CharField(
        label="Their key",
        max_length=64,
        help_text="Ask them for it; it is on their score page.",
        error_messages={"required": "Enter their key.", "max_length": "A key has at most 64 characters."},
    )
    kind = forms.ChoiceField(
        label="They are my", choices=TieKind.choices, error_messages={"invalid_choice": "Choose one of these."}
    )
    strength = PlainDecimal(
        label="How close, from 0.01 to 1",
        initial=1.0,
        min_value=0.01,
        max_value=1,
        help_text="1 is as close as can be.",
        error_messages=dict.fromkeys(("min_value", "max_value"), "Enter a number from 0.01 to 1."),
    )

    def clean_other(self) -> Citizen:
        typed: str = self.cleaned_data["other"]
        # Keys differ by case only by accident; what was typed goes first all the same, were it of one who has left.
        found = {row.key: row for row in Citizen.objects.filter(key__in=[typed, typed.lower(), typed.upper()])}
        other = found.get(typed) or found.get(typed.lower()) or found.get(typed.upper())
        if other is None or other.has_left:
            raise ValidationError("No member has this key. Check it with them.")
        return other


@for_citizens
def ties(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    form = TieForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            propose_tie(
                acting_user=account_of(request),
                proposer=citizen,
                other=form.cleaned_data["other"],
                kind=TieKind(form.cleaned_data["kind"]),
                strength=form.cleaned_data["strength"],
            )
            messages.success(request, "Proposed. It counts once they confirm.")
            return redirect("portal:ties")
        except ValidationError as error:
            form.add_error(None, error)
    rows = list(Tie.objects.of(citizen).filter(ended_at=None).select_related("first", "second").order_by("kind", "id"))
    named = [(tie, tie.other(citizen), tie.role_for(citizen).label) for tie in rows]
    context = {
        "form": form,
        "citizen": citizen,
        "live": [row for row in named if row[0].is_live],
        "to_confirm": [row for row in named if row[0].is_proposed and row[0].proposed_by_id != citizen.pk],
        "waiting": [row for row in named if row[0].is_proposed and row[0].proposed_by_id == citizen.pk],
    }
    return render(request, "citizens/ties.html", context, status=422 if form.errors else 200)


@require_POST
@for_citizens
def tie_action(request: HttpRequest, citizen: Citizen, pk: int, name: str) -> HttpResponse:
    tie = get_object_or_404(Tie.objects.of(citizen).select_related("first", "second"), pk=pk)
    action, done = TIE_ACTIONS[name]
    attempt(request, done, action, acting_user=account_of(request), tie=tie)
    return redirect("portal:ties")


@for_citizens
def consents(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    newest = {consent.source_id: consent for consent in Consent.objects.filter(citizen=citizen).order_by("granted_at")}
    sources = [(source, newest.get(source.pk)) for source in Source.objects.all()]
    given = sum(consent.withdrawn_at is None for consent in newest.values())
    context = {"sources": sources, "given": given, "citizen": citizen}
    return render(request, "citizens/consents.html", context)


@require_POST
@for_citizens
def consent_action(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    source = get_object_or_404(Source, pk=pk)
    if "withdraw" in request.POST:
        done = f"Withdrawn. From now on, nothing {source} says of you counts for anybody; scores follow within seconds."
        attempt(request, done, withdraw_consent, acting_user=account_of(request), citizen=citizen, source=source)
    else:
        done = f"Given. What {source} says of you counts, earlier reports too; scores follow within seconds."
        receipt = "The consents page of the citizen portal"
        attempt(
            request,
            done,
            grant_consent,
            acting_user=account_of(request),
            citizen=citizen,
            source=source,
            receipt=receipt,
        )
    return redirect("portal:consents")


@require_POST
@for_citizens
def leave_for_good(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    done = "You have left. Within seconds you have no score, and count for nobody."
    attempt(request, done, leave, acting_user=account_of(request), citizen=citizen)
    return redirect("portal:consents")


@for_citizens
def behaviours(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = Behaviour.objects.filter(citizen=citizen).select_related("type", "source").order_by("-occurred_at", "-id")
    page = Paginator(rows.prefetch_related("contests"), PER_PAGE).get_page(request.GET.get("page"))
    consented = set(Consent.objects.active().filter(citizen=citizen).values_list("source_id", flat=True))
    return render(request, "citizens/behaviours.html", {"page": page, "consented": consented})


urlpatterns = [
    path("ties/", ties, name="ties"),
    *(path(f"ties/<int:pk>/{name}/", tie_action, {"name": name}, name=f"tie-{name}") for name in TIE_ACTIONS),
    path("consents/", consents, name="consents"),
    path("consents/<int:pk>/", consent_action, name="consent"),
    path("leave/", leave_for_good, name="leave"),
    path("behaviours/", behaviours, name="behaviours"),
]
