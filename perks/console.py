"""Console pages of perks and restrictions: the list, and a small form for a threshold."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from citizens.access import needs
from citizens.enums import Right
from perks.actions.openings import approve_change, decline_change, move_threshold
from perks.models import Perk, Restriction, ThresholdChange
from scoring.engine.scale import CEILING, FLOOR
from scoring.models import Score
from scoring.rules.scale import on_the_scale
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent
from sesame_site.kit.pages.numbers import PlainWhole
from sesame_site.kit.pages.seen import INCOMPLETE, Seen

KINDS: dict[str, type[Perk] | type[Restriction]] = {"perk": Perk, "restriction": Restriction}
SEEN = Seen("perks.console.perk_edit")


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


@needs(Right.READ_PERKS)
def perks(request: HttpRequest) -> HttpResponse:
    people = Score.objects.current().people_per_number()
    rows = {model: [(row, row.count_holders(people)) for row in model.objects.all()] for model in KINDS.values()}
    labels = {kind: model.threshold_label() for kind, model in KINDS.items()}
    pending = ThresholdChange.objects.pending().select_related("perk", "restriction", "asked_by").order_by("id")
    context = {
        "pending": pending,
        "perks": rows[Perk],
        "restrictions": rows[Restriction],
        "labels": labels,
        "scored": sum(people.values()),
    }
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
        "pending": ThresholdChange.objects.pending().of(opening).select_related("perk", "restriction", "asked_by"),
        "seen": SEEN.sign(seen if looks and seen else now),
        **_held(opening, form if looks and form.is_valid() else None),
    }
    return form_page(request, "console/perks/perk_edit.html", form, **context)


def _save(request: HttpRequest, opening: Perk | Restriction, form: ThresholdForm, seen: Any) -> Any:
    if seen is None:
        form.add_error(None, INCOMPLETE)
        return None
    saved = _("Saved. %(opening)s follows it at once.") % {"opening": opening}
    if opening.takes_two(form.cleaned_data["threshold"], form.cleaned_data["is_active"]):
        saved = _("Asked for. %(opening)s stays as it is until another administrator approves it.") % {
            "opening": opening
        }
    done = saved if form.has_changed() else _("Nothing was changed.")
    return attempt(request, move_threshold, done=done, form=form, opening=opening, seen=seen, **form.cleaned_data)


@needs(Right.MANAGE_PERKS)
@require_POST
def change_approve(request: HttpRequest, pk: int) -> HttpResponse:
    change = get_object_or_404(ThresholdChange.objects.select_related("perk", "restriction"), pk=pk)
    done = _("Approved. %(opening)s follows it at once.") % {"opening": change.opening}
    attempt(request, approve_change, done=done, change=change)
    return redirect("console:perks")


@needs(Right.MANAGE_PERKS)
@require_POST
def change_decline(request: HttpRequest, pk: int) -> HttpResponse:
    change = get_object_or_404(ThresholdChange.objects.select_related("perk", "restriction"), pk=pk)
    done = _("Closed. %(opening)s stays as it is.") % {"opening": change.opening}
    attempt(request, decline_change, done=done, change=change)
    return redirect("console:perks")


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
    path("perks/changes/<int:pk>/approve/", change_approve, name="change-approve"),
    path("perks/changes/<int:pk>/decline/", change_decline, name="change-decline"),
    path("perks/<slug:kind>/<slug:key>/", perk_edit, name="perk-edit"),
]
