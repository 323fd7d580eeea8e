"""The citizen's page of the people they know."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from citizens.access import for_citizens
from citizens.actions.ties import confirm_tie, decline_tie, end_tie, propose_tie
from citizens.enums import TieKind
from citizens.models import Citizen, Tie
from citizens.models.people import KEY_LENGTH, KEY_TOO_LONG
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent
from sesame_site.kit.pages.numbers import PlainDecimal


class TieForm(forms.Form):
    """Proposes a tie to somebody whose key one knows."""

    other = forms.CharField(
        label=_("Their key"),
        max_length=KEY_LENGTH,
        help_text=_("Ask them for it; it is on their score page."),
        error_messages={"required": _("Enter their key."), "max_length": KEY_TOO_LONG},
    )
    kind = forms.TypedChoiceField(
        label=_("They are my"),
        choices=TieKind.choices,
        coerce=TieKind,
        error_messages={"invalid_choice": _("Choose one of these.")},
    )
    strength = PlainDecimal(
        label=_("How close, from 0.01 to 1"),
        initial=1.0,
        min_value=0.01,
        max_value=1,
        help_text=_("1 is as close as can be."),
        error_messages=dict.fromkeys(("min_value", "max_value"), _("Enter a number from 0.01 to 1.")),
    )

    def clean_other(self) -> Citizen:
        typed: str = self.cleaned_data["other"]
        # Keys differ by case only by accident; what was typed goes first all the same, were it of one who has left.
        found = {row.key: row for row in Citizen.objects.filter(key__in=[typed, typed.lower(), typed.upper()])}
        other = found.get(typed) or found.get(typed.lower()) or found.get(typed.upper())
        if other is None or other.has_left:
            raise ValidationError(_("No member has this key. Check it with them."))
        return other


@for_citizens
def ties(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    form = bound(TieForm, request)
    done = _("Proposed. It holds once they confirm.")
    if is_sent(request, form) and attempt(
        request, propose_tie, done=done, form=form, proposer=citizen, **form.cleaned_data
    ):
        return redirect("portal:ties")
    rows = list(Tie.objects.of(citizen).filter(ended_at=None).select_related("first", "second").order_by("kind", "id"))
    named = [(tie, tie.other(citizen), tie.role_for(citizen).label) for tie in rows]
    context = {
        "citizen": citizen,
        "live": [row for row in named if row[0].is_live],
        "to_confirm": [row for row in named if row[0].is_proposed and row[0].proposed_by_id != citizen.pk],
        "waiting": [row for row in named if row[0].is_proposed and row[0].proposed_by_id == citizen.pk],
    }
    return form_page(request, "portal/ties.html", form, **context)


@for_citizens
@require_POST
def tie_confirm(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    done = _("Confirmed. It counts from now on; scores follow within seconds.")
    attempt(request, confirm_tie, done=done, tie=_own_tie(citizen, pk))
    return redirect("portal:ties")


@for_citizens
@require_POST
def tie_decline(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    attempt(request, decline_tie, done=_("Closed. It never counted."), tie=_own_tie(citizen, pk))
    return redirect("portal:ties")


@for_citizens
@require_POST
def tie_end(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    done = _("Ended. It counts no longer; scores follow within seconds.")
    attempt(request, end_tie, done=done, tie=_own_tie(citizen, pk))
    return redirect("portal:ties")


def _own_tie(citizen: Citizen, pk: int) -> Tie:
    return get_object_or_404(Tie.objects.of(citizen).select_related("first", "second"), pk=pk)
