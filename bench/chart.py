"""Seconds against citizens, both doubling: one line for each peer, as an SVG that stands alone in light and dark."""

from typing import Any

import altair as alt

from bench.standing import OURS, READ
from sesame_site.kit.charts import svg

COLOURS = {
    OURS: "#c2372e", "scipy": "#3b82c4", "GraphBLAS": "#2f9e6b", "PostgreSQL": "#8b7bd8", "Spark": "#d97706",
    "NetworKit": "#5d8aa8", "igraph": "#a3875b", "networkx": "#c2557f", READ: "#8a8f98",
}  # fmt: skip
# Drawn by a browser as a picture, it cannot inherit the page's colour.
STYLE = (
    "<style>svg{color:#1f2328;font-family:system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
)
DESCRIPTION = (
    "Seconds to the scores of everybody, by number of citizens, on logarithmic axes; the table has the numbers."
)


def drawn(rows: list[dict[str, Any]]) -> str:
    points = [
        {
            "citizens": row["citizens"],
            "seconds": row["seconds"],
            "who": row["who"],
            "by": row["peer"],
            "what": what(row),
        }
        for row in rows
        if row["graph"] == "drawn"
    ]
    names = [name for name in COLOURS if any(point["by"] == name for point in points)]
    lines = (
        alt.Chart(alt.Data(values=points), width=330, height=330)
        .mark_line(point=alt.OverlayMarkDef(size=28))
        .encode(
            x=alt.X(
                "citizens:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", tickCount=6), title="citizens"
            ),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds, median", axis=alt.Axis(format="~g")),
            color=alt.Color("by:N", scale=alt.Scale(domain=names, range=[COLOURS[n] for n in names]), title=None),
            strokeDash=alt.StrokeDash(
                "what:N", scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())), title=None
            ),
            column=alt.Column("who:N", title=None, sort=["few radiate", "all radiate"]),
        )
    )
    text = svg(lines, title="Seconds to everybody's score", description=DESCRIPTION)
    end = text.index(">") + 1
    return text[:end] + STYLE + text[end:] + "\n"


DASHES = {"the same scores": [1, 0], "PageRank, for its cost": [5, 3], "floor": [1, 3]}


def what(row: dict[str, Any]) -> str:
    same, reference, floor = DASHES
    return floor if row["peer"] == READ else same if row["same"] else reference
