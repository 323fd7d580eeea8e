"""The citizen's pages of the score as it is now: the number, why it is what it is, and what is new."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from citizens.access import for_citizens
from citizens.models import Citizen
from scoring.engine.scale import CEILING, FLOOR, whole
from scoring.explanation import Explanation, explain
from scoring.models import Movement, RuleSet, Score
from scoring.portal.history import with_new_rules


@for_citizens
def score(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """The score. An open page asks every few seconds whether what it has `shown` still holds, and gets what is new."""
    asks_for_news = request.headers.get("HX-Request") == "true"
    if asks_for_news and request.GET.get("shown") == shown_now(citizen):
        return HttpResponse(status=204)
    explanation = explain(citizen)
    history = list(citizen.movements.select_related("rule_set").order_by("-as_of", "-id")[:2])
    context = {
        "citizen": citizen,
        "explanation": explanation,
        "scale": _scale(explanation),
        "change": _change(with_new_rules(history[::-1])),
        "shown": shown_of(explanation.score),
    }
    return render(request, "portal/_score.html" if asks_for_news else "portal/score.html", context)


@for_citizens
def why(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    explanation = explain(citizen)
    context = {"citizen": citizen, "shown": shown_of(explanation.score), "explanation": explanation}
    return render(request, "portal/why.html", context)


@for_citizens
def news(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    """What an open page that does not move by itself asks: whether the score is what it was when it was `shown`."""
    if request.GET.get("shown") == shown_now(citizen):
        return HttpResponse(status=204)
    published = Score.objects.current().filter(citizen=citizen).values_list("published", flat=True).first()
    return render(request, "portal/_news.html", {"published": published})


def shown_of(score: Score | None) -> str:
    """The numbers that pages show, as one word, as of which run; empty without a score."""
    return f"{score.run_id}/{score.published}/{score.own:.1f}/{whole(score.network)}" if score else ""


def shown_now(citizen: Citizen) -> str:
    """The same of the score in force."""
    return shown_of(Score.objects.current().filter(citizen=citizen).first())


def _change(history: list[tuple[Movement, RuleSet | None]]) -> dict[str, Any] | None:
    """What the last change of the number was made of, in points; None if there is nothing to compare with."""
    if len(history) < 2:
        return None
    (before, _), (now, new_rules) = history
    network, network_before = now.network_in_whole_points, before.network_in_whole_points
    if now.published is None or now.own is None or network is None:
        return None
    if before.published is None or before.own is None or network_before is None:
        return None
    return {
        "points": now.published - before.published,
        "size": abs(now.published - before.published),
        "before": before.published,
        "since": before.as_of,
        "own": now.own - before.own,
        "network": network - network_before,
        "new_rules": new_rules,
    }


def _scale(explanation: Explanation) -> dict[str, Any]:
    """The scale of scores as a line: its ends, and in percent of its length the bands and the mark on it."""
    if explanation.run is None or explanation.score is None:
        return {}
    parts = [
        {
            "name": band.name,
            "lower": lowest,
            "upper": highest,
            "x": _percent(lowest),
            "width": round(_percent(highest) - _percent(lowest) - 0.2, 2),
            "mine": band == explanation.band,
        }
        for band, lowest, highest in explanation.run.rule_set.band_ranges()
    ]
    return {"floor": FLOOR, "ceiling": CEILING, "parts": parts, "mark": _percent(explanation.score.published)}


def _percent(points: int) -> float:
    return round(100 * (points - FLOOR) / (CEILING - FLOOR), 2)
