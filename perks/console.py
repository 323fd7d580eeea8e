"""Console pages of perks and restrictions: the list, and a small form for a threshold."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import needs
from citizens.enums import Right
from perks.actions.openings import move_threshold
from perks.models import Perk, Restriction
from scoring.console.common import attempt
from scoring.engine.scale import CEILING, FLOOR
from scoring.models import Score
from scoring.rules.scale import on_the_scale
from sesame_site.kit.pages.numbers import PlainWhole

KINDS: dict[str, type[Perk] | type[Restriction]] = {"perk": Perk, "restriction": Restriction}
INCOMPLETE = gettext_lazy("The form arrived incomplete, so nothing was saved. Open this page anew.")


class ThresholdForm(forms.Form):
    """Where a perk opens or a restriction applies."""

    threshold = PlainWhole(
        min_value=FLOOR,
        max_value=CEILING,
        help_text=on_the_scale(gettext_lazy("A published score from %(low)s to %(high)s.")),
        error_messages={
            "required": gettext_lazy("Enter a score."),
            "invalid": gettext_lazy("Enter a whole number in plain digits, such as 650."),
            "min_value": on_the_scale(gettext_lazy("Scores start at %(low)s.")),
            "max_value": on_the_scale(gettext_lazy("Scores end at %(high)s.")),
        },
    )
    is_active = forms.BooleanField(required=False, label=gettext_lazy("In force"))
    seen = forms.JSONField(widget=forms.HiddenInput, error_messages=dict.fromkeys(["required", "invalid"], INCOMPLETE))


@needs(Right.READ_PERKS)
def perks(request: HttpRequest) -> HttpResponse:
    people = Score.objects.current().people_per_number()
    rows = {model: [(row, row.count_holders(people)) for row in model.objects.all()] for model in KINDS.values()}
    labels = {kind: model.threshold_label() for kind, model in KINDS.items()}
    context = {"perks": rows[Perk], "restrictions": rows[Restriction], "labels": labels, "scored": sum(people.values())}
    return render(request, "console/perks/perks.html", context)


@needs(Right.MANAGE_PERKS)
def perk_edit(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """The form; a POST saves, or says whom what was entered would hit."""
    if kind not in KINDS:
        raise Http404(_("There are perks and restrictions only."))
    model = KINDS[kind]
    opening: Any = get_object_or_404(model, key=key)
    now = {"threshold": opening.threshold, "is_active": opening.is_active}
    form = ThresholdForm(request.POST if request.method == "POST" else None, initial={**now, "seen": now})
    form.fields["threshold"].label = model.threshold_label()
    looks = request.POST.get("then") == "look"
    if request.method == "POST" and form.is_valid() and not looks:
        done = (
            _("Saved. %(opening)s follows it at once.") % {"opening": opening}
            if form.has_changed()
            else _("Nothing was changed.")
        )
        if attempt(request, move_threshold, opening=opening, done=done, **form.cleaned_data):
            return redirect("console:perks")
        return redirect("console:perk-edit", kind, key)
    people = Score.objects.current().people_per_number()
    holds, would_hold = opening.count_holders(people), None
    if looks and form.is_valid():
        entered = model(is_active=form.cleaned_data["is_active"])
        entered.threshold = form.cleaned_data["threshold"]
        would_hold = entered.count_holders(people)
    context = {
        "opening": opening,
        "kind": kind,
        "form": form,
        "scored": sum(people.values()),
        "holds": holds,
        "would_hold": would_hold,
        "difference": abs((would_hold or 0) - holds),
    }
    return render(request, "console/perks/perk_edit.html", context)


urlpatterns = [
    path("perks/", perks, name="perks"),
    path("perks/<slug:kind>/<slug:key>/", perk_edit, name="perk-edit"),
]
