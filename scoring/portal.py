"""The citizen's pages about the score: what it is, why, how it came about, and how to object."""

import altair as alt
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.safestring import SafeString

from citizens.models import Behaviour, Citizen
from citizens.portal import for_citizens
from scoring.actions.contests import open_contest
from scoring.explain import Explanation, explain
from scoring.models import Contest, ScoreHistory
from scoring.models.rule_sets import CEILING, FLOOR
from sesame_site.kit.charts import svg


@for_citizens
def score(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    explanation = explain(citizen)
    history = list(citizen.score_history.order_by("-as_of", "-id")[:2])
    context = {
        "citizen": citizen,
        "explanation": explanation,
        "scale": _scale(explanation),
        "latest": history[0] if history else None,
        "change": _change(history),
    }
    return render(request, "scoring/score.html", context)


@for_citizens
def why(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    return render(request, "scoring/why.html", {"explanation": explain(citizen)})


@for_citizens
def history(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = list(citizen.score_history.order_by("as_of", "id"))
    context = {"rows": rows[::-1], "chart": _chart(rows) if len(rows) > 1 else ""}
    return render(request, "scoring/history.html", context)


@for_citizens
def contest(request: HttpRequest, citizen: Citizen, pk: int) -> HttpResponse:
    """Objects to one behaviour; what was typed is kept when it is refused."""
    behaviour = get_object_or_404(Behaviour.objects.select_related("type", "source"), pk=pk, citizen=citizen)
    statement, errors = "", []
    if request.method == "POST":
        statement = request.POST.get("statement", "")
        try:
            open_contest(acting_user=request.user, behaviour=behaviour, statement=statement)
            return redirect("portal:contests")
        except ValidationError as error:
            errors = error.messages
    context = {"behaviour": behaviour, "statement": statement, "errors": errors}
    return render(request, "scoring/contest.html", context, status=422 if errors else 200)


@for_citizens
def contests(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = Contest.objects.filter(citizen=citizen).select_related("behaviour__type", "behaviour__source")
    return render(request, "scoring/contests.html", {"contests": rows})


def _change(history: list[ScoreHistory]) -> int | None:
    """By how many points the last change moved the number; None if there was none to compare with."""
    if len(history) < 2 or history[0].published is None or history[1].published is None:
        return None
    return history[0].published - history[1].published


def _scale(explanation: Explanation) -> list[dict[str, object]]:
    """The bands as parts of a line from 350 to 950, in the units of a 600-wide picture."""
    if explanation.run is None:
        return []
    bands = list(explanation.run.rule_set.bands.all())
    uppers = [band.lower for band in bands[1:]] + [CEILING]
    return [
        {
            "name": band.name,
            "lower": band.lower,
            "x": band.lower - FLOOR,
            "width": upper - band.lower - 2,
            "mine": band == explanation.band,
        }
        for band, upper in zip(bands, uppers, strict=True)
    ]


def _chart(rows: list[ScoreHistory]) -> SafeString:
    points = [{"as of": row.as_of.isoformat(), "score": row.published} for row in rows if row.published is not None]
    chart = (
        alt.Chart(alt.Data(values=points))
        .mark_line(point=True, interpolate="step-after")
        .encode(
            x=alt.X("as of:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=6, labelOverlap=True)),
            y=alt.Y("score:Q", title="Score", scale=alt.Scale(zero=False, nice=True)),
        )
        .properties(width=640, height=240)
    )
    numbers = [int(point["score"]) for point in points]
    return svg(
        chart,
        title="Your score over time",
        description=f"From {numbers[0]} to {numbers[-1]}, lowest {min(numbers)}, highest {max(numbers)}. "
        "The table has every number.",
    )


urlpatterns = [
    path("why/", why, name="why"),
    path("history/", history, name="history"),
    path("contests/", contests, name="contests"),
    path("behaviours/<int:pk>/contest/", contest, name="contest"),
]
