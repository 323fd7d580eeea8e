"""The citizen's page of how the score came about."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from citizens.access import for_citizens
from citizens.models import Citizen
from scoring.models import Movement, RuleSet
from sesame_site.kit.pages.charts import svg


@for_citizens
def history(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    rows = list(citizen.movements.select_related("rule_set").order_by("as_of", "id"))
    context = {"rows": with_new_rules(rows)[::-1], "chart": _chart(rows) if len(rows) > 1 else ""}
    return render(request, "portal/history.html", context)


def with_new_rules(rows: list[Movement]) -> list[tuple[Movement, RuleSet | None]]:
    """Each row, oldest first, with the rule set it went by where that is another than before."""
    before: list[RuleSet | None] = [None, *(row.rule_set for row in rows)]
    return [
        (row, row.rule_set if earlier and earlier != row.rule_set else None)
        for row, earlier in zip(rows, before, strict=False)
    ]


def _points(rows: list[Movement]) -> Iterator[dict[str, Any]]:
    """What the line of the chart goes through: it ends where the score does, and begins again with the next."""
    last = None
    for row in rows:
        if row.published is None and last is not None:
            yield {"as of": row.as_of.isoformat(), "score": last}
        yield {"as of": row.as_of.isoformat(), "score": row.published}
        last = row.published


def _chart(rows: list[Movement]) -> SafeString:
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=list(_points(rows))))
        .mark_line(point=True, interpolate="step-after", invalid="break-paths-filter-domains")
        .encode(
            x=alt.X("as of:T", title=None, axis=alt.Axis(format="%b %y", tickCount=4, labelOverlap=True)),
            y=alt.Y("score:Q", title=_("Score"), scale=alt.Scale(zero=False, nice=True)),
        )
        .properties(height=260)
    )
    numbers = [row.published for row in rows if row.published is not None]
    return svg(
        chart,
        title=_("Your score over time"),
        description=_("From %(first)s to %(last)s, lowest %(lowest)s, highest %(highest)s. The table has every number.")
        % {"first": numbers[0], "last": numbers[-1], "lowest": min(numbers), "highest": max(numbers)},
    )
