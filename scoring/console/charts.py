"""The console's charts, drawn to SVG on the server."""

from typing import Any

from django.utils.translation import gettext as _

from sesame_site.kit.pages.charts import svg


def whole_people(most: int) -> dict[str, Any]:
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
            x=alt.X("citizens:Q", title=_("Citizens"), axis=whole_people(largest[2])),
            y=alt.Y("band:N", title=None, sort=None),
        )
    )
    return svg(
        chart,
        title=_("Citizens per band"),
        description=_("The largest band is %(band)s with %(people)s citizens, of %(bands)s bands.")
        % {"band": largest[0], "people": largest[2], "bands": len(bands)},
    )
