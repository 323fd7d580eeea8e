"""Contests: those still open, and the page on which one is judged."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import needs
from citizens.enums import Right
from scoring.actions.contests import decide_contest
from scoring.console.common import attempt
from scoring.enums import ContestStatus
from scoring.explanation import worth
from scoring.models import Contest, Run

PAGE = 25
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
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The citizen reads this."),
        error_messages={"required": gettext_lazy("Give a reason: the citizen has a right to it.")},
    )


@needs(Right.READ_CONTESTS)
def contests(request: HttpRequest) -> HttpResponse:
    """Open contests, the oldest first; with ?all=1 the decided ones too."""
    everything = request.GET.get("all") == "1"
    rows = Contest.objects.select_related("citizen", "behaviour__type", "behaviour__source", "decided_by")
    rows = rows.order_by("-opened_at") if everything else rows.filter(status=ContestStatus.OPEN).order_by("opened_at")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "console/contests/contests.html", {"page": page, "everything": everything})


@needs(Right.READ_CONTESTS, to_post=Right.JUDGE_CONTESTS)
def contest(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Contest.objects.select_related("citizen", "behaviour__type", "behaviour__source", "decided_by")
    found = get_object_or_404(rows, pk=pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        uphold = form.cleaned_data["decision"] == "uphold"
        upheld = _("Upheld: the behaviour is retracted and counts no longer; scores follow within seconds.")
        attempt(
            request,
            decide_contest,
            contest=found,
            uphold=uphold,
            reason=form.cleaned_data["reason"],
            done=upheld if uphold else _("Rejected."),
        )
        return redirect("console:contests")
    run = Run.objects.current()
    context = {"contest": found, "form": form, "run": run, "worth": worth(found.behaviour, run) if run else 0.0}
    return render(request, "console/contests/contest.html", context)
