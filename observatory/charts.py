"""The observatory's charts, drawn to SVG on the server."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from scoring.console.charts import whole_people
from scoring.engine.scale import CEILING, FLOOR
from sesame_site.kit.pages.charts import svg

if TYPE_CHECKING:
    from observatory.preview import Preview


def distributions(preview: "Preview") -> str:
    """Two outlines of the population, published and draft, citizens per 25 points."""
    import altair as alt

    from observatory.preview import BIN

    names = [
        _("Published: version %(version)s") % {"version": preview.published.rule_set.version},
        _("Draft: version %(version)s") % {"version": preview.draft.rule_set.version},
    ]
    rows = [
        {"score": lower, "citizens": people, "set": name}
        for name, side in zip(names, (preview.published, preview.draft), strict=True)
        for lower, people in side.histogram
    ]
    most = max(people for side in (preview.published, preview.draft) for _, people in side.histogram)
    # Colour and dashes share one legend as long as both ask for the same, domain included.
    sides: dict[str, Any] = {"title": None, "scale": alt.Scale(domain=names), "legend": alt.Legend(orient="top")}
    chart = (
        alt.Chart(alt.Data(values=rows), height=240)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("score:Q", title=_("Score"), scale=alt.Scale(domain=[FLOOR, CEILING])),
            y=alt.Y("citizens:Q", title=_("Citizens per %(bin)s points") % {"bin": BIN}, axis=whole_people(most)),
            color=alt.Color("set:N", **sides),
            strokeDash=alt.StrokeDash("set:N", **sides),
        )
    )
    return svg(
        chart,
        title=_("Scores under both rule sets"),
        description=(
            _(
                "%(rise)s citizens rise, %(fall)s fall and %(stay)s stay where they are. The table below gives the "
                "numbers."
            )
            % {"rise": preview.rise, "fall": preview.fall, "stay": preview.stay}
        ),
    )
