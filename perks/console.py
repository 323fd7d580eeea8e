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
from scoring.engine.scale import CEILING, FLOOR
from scoring.models import Score
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent
from sesame_site.kit.pages.numbers import PlainWhole
from sesame_site.kit.pages.seen import INCOMPLETE, Seen
from sesame_site.kit.pages.sentences import filled

KINDS: dict[str, type[Perk] | type[Restriction]] = {"perk": Perk, "restriction": Restriction}
SEEN = Seen("perks.console.perk_edit")


class ThresholdForm(forms.Form):
    """Where a perk opens or a restriction applies."""

    threshold = PlainWhole(
        min_value=FLOOR,
        max_value=CEILING,
        help_text=filled(
            gettext_lazy("A published score from %(floor)s to %(ceiling)s."), floor=FLOOR, ceiling=CEILING
        ),
        error_messages={
            "required": gettext_lazy("Enter a score."),
            "invalid": gettext_lazy("Enter a whole number in plain digits, such as 650."),
            "min_value": filled(gettext_lazy("Scores start at %(floor)s."), floor=FLOOR),
            "max_value": filled(gettext_lazy("Scores end at %(ceiling)s."), ceiling=CEILING),
        },
    )
    is_active = forms.BooleanField(required=False, label=gettext_lazy("In force"))


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
    opening: Any = get_object_or_404(KINDS[kind], key=key)
    now = {"threshold": opening.threshold, "is_active": opening.is_active}
    form = bound(ThresholdForm, request, initial=now)
    form.fields["threshold"].label = opening.threshold_label()
    looks = request.POST.get("then") == "look"
    seen = SEEN.sent_with(request)
    if is_sent(request, form) and not looks and _save(request, opening, form, seen):
        return redirect("console:perks")
    context = {
        "opening": opening,
        "kind": kind,
        "seen": SEEN.sign(seen if looks and seen else now),
        **_held(opening, form if looks and form.is_valid() else None),
    }
    return form_page(request, "console/perks/perk_edit.html", form, **context)


def _save(request: HttpRequest, opening: Perk | Restriction, form: ThresholdForm, seen: Any) -> Any:
    if seen is None:
        form.add_error(None, INCOMPLETE)
        return None
    saved = _("Saved. %(opening)s follows it at once.") % {"opening": opening}
    done = saved if form.has_changed() else _("Nothing was changed.")
    return attempt(request, move_threshold, done=done, form=form, opening=opening, seen=seen, **form.cleaned_data)


def _held(opening: Any, form: ThresholdForm | None) -> dict[str, Any]:
    """How many it holds for now, of how many, and for how many as entered in the form, if that is asked."""
    people = Score.objects.current().people_per_number()
    holds, would_hold = opening.count_holders(people), None
    if form is not None:
        entered = type(opening)(is_active=form.cleaned_data["is_active"])
        entered.threshold = form.cleaned_data["threshold"]
        would_hold = entered.count_holders(people)
    difference = abs((would_hold or 0) - holds)
    return {"scored": sum(people.values()), "holds": holds, "would_hold": would_hold, "difference": difference}


urlpatterns = [
    path("perks/", perks, name="perks"),
    path("perks/<slug:kind>/<slug:key>/", perk_edit, name="perk-edit"),
]
