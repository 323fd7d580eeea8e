"""The citizen's pages about the score: what it is, why, how it came about, and how to object."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.safestring import SafeString

from citizens.access import account_of
from citizens.models import Behaviour, Citizen, Consent
from citizens.portal import for_citizens
from scoring.actions.contests import open_contest
from scoring.explain import Explanation, explain
from scoring.forms import WhatIfForm
from scoring.models import Contest, RuleSet, Run, Score, ScoreHistory
from scoring.models.rule_sets import CEILING, FLOOR
from sesame_site.kit.charts import svg


@for_citizens
def score(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """The score. An open page asks every few seconds whether what it has `shown` still holds, and gets what is new."""
    shown = shown_of(citizen)
    asks_for_news = request.headers.get("HX-Request") == "true"
    if asks_for_news and request.GET.get("shown") == shown:
        return HttpResponse(status=204)
    explanation = explain(citizen)
    history = list(citizen.score_history.order_by("-as_of", "-id")[:2])
    context = {
        "citizen": citizen,
        "explanation": explanation,
        "scale": _scale(explanation),
        "change": _change(_with_new_rules(history[::-1])),
        "shown": shown,
    }
    return render(request, "scoring/_score.html" if asks_for_news else "scoring/score.html", context)


@for_citizens
def why(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    context = {"shown": shown_of(citizen), "explanation": explain(citizen)}
    return render(request, "scoring/why.html", context)


@for_citizens
def news(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """What an open page that does not move by itself asks: whether the score is what it was when it was `shown`."""
    if request.GET.get("shown") == shown_of(citizen):
        return HttpResponse(status=204)
    published = Score.objects.current().filter(citizen=citizen).values_list("published", flat=True).first()
    return render(request, "scoring/_news.html", {"published": published})


@for_citizens
def history(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = list(citizen.score_history.order_by("as_of", "id"))
    context = {"rows": _with_new_rules(rows)[::-1], "chart": _chart(rows) if len(rows) > 1 else ""}
    return render(request, "scoring/history.html", context)


@for_citizens
def what_if(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """What one more behaviour would do; nothing is written."""
    rule_set = RuleSet.objects.in_force()
    if rule_set is None:
        return render(request, "scoring/what_if.html", {"form": None})
    form = WhatIfForm(request.GET or None, rule_set=rule_set)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        from scoring.lab.what_if import what_if as answer  # compiled code, which other pages do without

        context["found"] = answer(citizen, [(form.cleaned_data["kind"], form.cleaned_data["amount"])])
        context["asked"] = True
    return render(request, "scoring/what_if.html", context, status=422 if form.errors else 200)


@for_citizens
def contest(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    """Objects to one behaviour, once; what was typed is kept when it is refused."""
    behaviour = get_object_or_404(Behaviour.objects.select_related("type", "source"), pk=pk, citizen=citizen)
    statement, errors = "", []
    if request.method == "POST":
        statement = request.POST.get("statement", "")
        try:
            open_contest(acting_user=account_of(request), behaviour=behaviour, statement=statement)
            return redirect("portal:contests")
        except ValidationError as error:
            errors = error.messages
    context = {
        "behaviour": behaviour,
        "earlier": behaviour.contests.order_by("-opened_at").first(),
        "counts": Consent.objects.active().filter(citizen=citizen, source=behaviour.source).exists(),
        "statement": statement,
        "errors": errors,
    }
    return render(request, "scoring/contest.html", context, status=422 if errors else 200)


@for_citizens
def contests(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = Contest.objects.filter(citizen=citizen).select_related("behaviour__type", "behaviour__source")
    return render(request, "scoring/contests.html", {"contests": rows})


def shown_of(citizen: Citizen) -> str:
    """The numbers that pages show, as one word, as of which run; empty without a score."""
    numbers = Score.objects.current().filter(citizen=citizen).values_list("run_id", "published", "own", "network")
    return next((f"{run}/{score}/{own:.1f}/{network:.1f}" for run, score, own, network in numbers), "")


def _with_new_rules(rows: list[ScoreHistory]) -> list[tuple[ScoreHistory, RuleSet | None]]:
    """Each row, oldest first, with the rule set it went by where that is another than before."""
    runs = Run.objects.filter(pk__in={row.run_id for row in rows}).select_related("rule_set")
    rules = {run.pk: run.rule_set for run in runs}
    went_by = [rules.get(row.run_id) for row in rows]
    return [
        (row, now if now and before and now != before else None)
        for row, before, now in zip(rows, [None, *went_by], went_by, strict=False)
    ]


def _change(history: list[tuple[ScoreHistory, RuleSet | None]]) -> dict[str, Any] | None:
    """What the last change of the number was made of, in points; None if there is nothing to compare with."""
    if len(history) < 2:
        return None
    (before, _), (now, new_rules) = history
    if now.published is None or now.own is None or now.network is None:
        return None
    if before.published is None or before.own is None or before.network is None:
        return None
    return {
        "points": now.published - before.published,
        "size": abs(now.published - before.published),
        "before": before.published,
        "since": before.as_of,
        "own": now.own - before.own,
        "network": now.network - before.network,
        "new_rules": new_rules,
    }


def _scale(explanation: Explanation) -> dict[str, Any]:
    """The bands as parts of a line from 350 to 950, and the mark on it, in percent of its length."""
    if explanation.run is None or explanation.score is None:
        return {}
    bands = list(explanation.run.rule_set.bands.all())
    lasts = [band.lower - 1 for band in bands[1:]] + [CEILING]
    parts = [
        {
            "name": band.name,
            "lower": band.lower,
            "upper": last,
            "x": _percent(band.lower),
            "width": round(_percent(last) - _percent(band.lower) - 0.2, 2),
            "mine": band == explanation.band,
        }
        for band, last in zip(bands, lasts, strict=True)
    ]
    return {"parts": parts, "mark": _percent(explanation.score.published)}


def _percent(points: int) -> float:
    return round(100 * (points - FLOOR) / (CEILING - FLOOR), 2)


def _points(rows: list[ScoreHistory]) -> Iterator[dict[str, Any]]:
    """What the line of the chart goes through: it ends where the score does, and begins again with the next."""
    last = None
    for row in rows:
        if row.published is None and last is not None:
            yield {"as of": row.as_of.isoformat(), "score": last}
        yield {"as of": row.as_of.isoformat(), "score": row.published}
        last = row.published


def _chart(rows: list[ScoreHistory]) -> SafeString:
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=list(_points(rows))))
        .mark_line(point=True, interpolate="step-after", invalid="break-paths-filter-domains")
        .encode(
            x=alt.X("as of:T", title=None, axis=alt.Axis(format="%b %y", tickCount=4, labelOverlap=True)),
            y=alt.Y("score:Q", title="Score", scale=alt.Scale(zero=False, nice=True)),
        )
        .properties(height=260)
    )
    numbers = [row.published for row in rows if row.published is not None]
    return svg(
        chart,
        title="Your score over time",
        description=f"From {numbers[0]} to {numbers[-1]}, lowest {min(numbers)}, highest {max(numbers)}. "
        "The table has every number.",
    )


urlpatterns = [
    path("why/", why, name="why"),
    path("news/", news, name="news"),
    path("history/", history, name="history"),
    path("what-if/", what_if, name="what-if"),
    path("contests/", contests, name="contests"),
    path("behaviours/<int:pk>/contest/", contest, name="contest"),
]
