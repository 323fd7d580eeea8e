"""The console's charts, drawn to SVG on the server."""

from typing import TYPE_CHECKING, Any

from sesame_site.kit.charts import svg

if TYPE_CHECKING:
    from scoring.lab.preview import Preview


def _whole(most: int) -> dict[str, Any]:
    """An axis of people up to so many: nobody is half a citizen."""
    return {"tickCount": max(1, min(most, 5)), "format": ",d"}


def people_per_band(bands: list[tuple[str, str, int, float]]) -> str:
    """Bars: how many citizens each band holds."""
    import altair as alt

    rows = [{"band": f"{name} ({edges})", "citizens": people} for name, edges, people, _ in bands]
    largest = max(bands, key=lambda band: band[2])
    chart = (
        alt.Chart(alt.Data(values=rows), height=alt.Step(34))
        .mark_bar()
        .encode(
            x=alt.X("citizens:Q", title="Citizens", axis=_whole(largest[2])),
            y=alt.Y("band:N", title=None, sort=None),
        )
    )
    return svg(
        chart,
        title="Citizens per band",
        description=f"Bars for {len(bands)} bands; the largest is {largest[0]} with {largest[2]} citizens.",
    )


def distributions(preview: "Preview") -> str:
    """Two outlines of the population, published and draft, citizens per 25 points."""
    import altair as alt

    from scoring.lab.preview import BIN

    names = [f"Published: v{preview.published.rule_set.version}", f"Draft: v{preview.draft.rule_set.version}"]
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
            x=alt.X("score:Q", title="Score", scale=alt.Scale(domain=[350, 950])),
            y=alt.Y("citizens:Q", title=f"Citizens per {BIN} points", axis=_whole(most)),
            color=alt.Color("set:N", **sides),
            strokeDash=alt.StrokeDash("set:N", **sides),
        )
    )
    return svg(
        chart,
        title="Scores under both rule sets",
        description=(
            f"{preview.rise} citizens rise, {preview.fall} fall and {preview.stay} stay where they are. "
            "The table below gives the numbers."
        ),
    )
