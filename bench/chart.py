"""Seconds against citizens, both doubling: one line for each peer, as an SVG that stands alone in light and dark."""

from typing import Any

import altair as alt

from bench.cases import WHO_RADIATES
from bench.standing import OURS, READ
from sesame_site.kit.pages.charts import svg

COLOURS = {
    OURS: "#c2372e", "scipy": "#3b82c4", "GraphBLAS": "#2f9e6b", "PostgreSQL": "#8b7bd8", "Spark": "#d97706",
    "NetworKit": "#5d8aa8", "igraph": "#a3875b", "networkx": "#c2557f", READ: "#8a8f98",
}  # fmt: skip
SAME, REFERENCE, FLOOR = "the same scores", "PageRank", "floor"
DASHES = {SAME: [1, 0], REFERENCE: [5, 3], FLOOR: [1, 3]}
# Drawn by a browser as a picture, it cannot inherit the page's colour.
STYLE = (
    "<style>svg{color:#1f2328;font-family:system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
)
DESCRIPTION = (
    "Seconds to the scores of everybody, by number of citizens, on logarithmic axes; the table has the numbers."
)


def drawn(rows: list[dict[str, Any]]) -> str:
    """The picture, of drawn graphs alone."""
    points = [point(row) for row in rows if row["graph"] == "drawn"]
    names = [name for name in COLOURS if any(point["by"] == name for point in points)]
    sizes = sorted({point["citizens"] for point in points})
    lines = alt.Chart(alt.Data(values=points), width=340, height=340).mark_line(point=alt.OverlayMarkDef(size=28))
    chart = lines.encode(
        x=log("citizens", "citizens", sizes, "~s"),
        y=log("seconds", "seconds, median", [10.0**power for power in range(-5, 3)], "~g"),
        color=alt.Color("by:N", scale=scale({name: COLOURS[name] for name in names}), title=None),
        strokeDash=alt.StrokeDash("what:N", scale=scale(DASHES), title=None),
        column=alt.Column("who:N", title=None, sort=list(WHO_RADIATES), header=alt.Header(labelFontSize=13)),
    )
    text = svg(chart, title="Seconds to everybody's score", description=DESCRIPTION)
    end = text.index(">") + 1
    return text[:end] + STYLE + text[end:] + "\n"


def point(row: dict[str, Any]) -> dict[str, Any]:
    what = FLOOR if row["peer"] == READ else SAME if row["same"] else REFERENCE
    return {name: row[name] for name in ("citizens", "seconds", "who")} | {"by": row["peer"], "what": what}


def log(field: str, title: str, values: list[float], form: str) -> Any:
    """A logarithmic axis with a tick at each of the values."""
    axis = alt.Axis(values=values, format=form)
    of = alt.X if field == "citizens" else alt.Y
    return of(f"{field}:Q", scale=alt.Scale(type="log", nice=False, padding=8), axis=axis, title=title)


def scale(looks: dict[str, Any]) -> alt.Scale:
    return alt.Scale(domain=list(looks), range=list(looks.values()))
