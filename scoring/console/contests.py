"""Contests: those still open, and the page on which one is judged."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import needs
from citizens.enums import Right
from scoring.actions.contests import decide_contest
from scoring.enums import ContestStatus
from scoring.explanation import worth
from scoring.models import Contest, Run
from scoring.models.contests import LONGEST_TEXT
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent
from sesame_site.kit.pages.paging import numbered

DECISIONS = [
    ("uphold", gettext_lazy("Uphold: the citizen is right, and the behaviour is retracted")),
    ("reject", gettext_lazy("Reject: the behaviour stands")),
]


class DecisionForm(forms.Form):
    """A judgement and its reason, which the citizen will read."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=DECISIONS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the two.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_TEXT}),
        help_text=gettext_lazy("The citizen reads this."),
        error_messages={"required": gettext_lazy("Give a reason: the citizen has a right to it.")},
    )


@needs(Right.READ_CONTESTS)
def contests(request: HttpRequest) -> HttpResponse:
    """Open contests, the oldest first; with ?all=1 the decided ones too."""
    everything = request.GET.get("all") == "1"
    rows = Contest.objects.select_related("citizen", "behaviour__type", "behaviour__source", "decided_by")
    rows = rows.order_by("-opened_at") if everything else rows.filter(status=ContestStatus.OPEN).order_by("opened_at")
    context = {"page": numbered(request, rows), "everything": everything}
    return render(request, "console/contests/contests.html", context)


@needs(Right.READ_CONTESTS, to_post=Right.JUDGE_CONTESTS)
def contest(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Contest.objects.select_related("citizen", "behaviour__type", "behaviour__source", "decided_by")
    found = get_object_or_404(rows, pk=pk)
    form = bound(DecisionForm, request)
    if is_sent(request, form) and _decide(request, found, form):
        return redirect("console:contests")
    run = Run.objects.current()
    context = {"contest": found, "run": run, "worth": worth(found.behaviour, run) if run else 0.0}
    return form_page(request, "console/contests/contest.html", form, **context)


def _decide(request: HttpRequest, contest: Contest, form: DecisionForm) -> Any:
    uphold, reason = form.cleaned_data["decision"] == "uphold", form.cleaned_data["reason"]
    upheld = _("Upheld: the behaviour is retracted and counts no longer; scores follow within seconds.")
    done = upheld if uphold else _("Rejected.")
    return attempt(request, decide_contest, done=done, form=form, contest=contest, uphold=uphold, reason=reason)
