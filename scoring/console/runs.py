"""Runs: the list, starting one, and watching it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from citizens.access import needs
from citizens.enums import Right
from scoring.enums import Cadence, RunPhase, RunStatus, RunTrigger
from scoring.models import Programme, RuleSet, Run
from scoring.tasks import start_run_in_background
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.paging import numbered


@needs(Right.READ_RUNS)
def runs(request: HttpRequest) -> HttpResponse:
    rows = Run.objects.select_related("rule_set", "requested_by").order_by("-id")
    context = {
        "page": numbered(request, rows),
        "running": Run.objects.filter(status=RunStatus.RUNNING).first(),
        "published": RuleSet.objects.published().first(),
        "others_count_at_once": Programme.objects.cadence() == Cadence.LIVE,
    }
    return render(request, "console/runs/runs.html", context)


@needs(Right.START_RUNS)
@require_POST
def run_start(request: HttpRequest) -> HttpResponse:
    """Start a run on the published rule set, or say why not."""
    run = attempt(request, start_run_in_background, trigger=RunTrigger.CONSOLE)
    return redirect("console:run", run.pk) if run else redirect("console:runs")


@needs(Right.READ_RUNS)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run. While it is under way htmx fetches only the part that moves."""
    found = get_object_or_404(Run.objects.select_related("rule_set", "requested_by"), pk=pk)
    template = "console/runs/_run.html" if request.htmx else "console/runs/run.html"  # type: ignore[attr-defined]
    response = render(request, template, {"run": found, "phases": phases_of(found)})
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


def phases_of(run: Run) -> list[tuple[str, str, float | None]]:
    """(phase in words, how far it is, seconds) for each phase of a run, in order."""
    order: list[RunPhase] = [phase for phase in RunPhase if phase != RunPhase.DONE]
    reached = order.index(RunPhase(run.phase)) if run.phase != RunPhase.DONE else len(order)
    done, to_come = _("done"), _("to come")
    states = {RunStatus.RUNNING: _("under way"), RunStatus.FAILED: _("failed here")}
    here = states.get(RunStatus(run.status), done)
    return [
        (str(phase.label), done if step < reached else here if step == reached else to_come, run.seconds.get(phase))
        for step, phase in enumerate(order)
    ]
