"""Altair charts drawn to SVG on the server: no script, no inline style, light and dark by the page's own colour."""

import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from altair import TopLevelMixin

INK = "currentColor"
# Distinguishable for the colour-blind, and at least 3:1 against both white and near-black.
PALETTE = ["#3b82c4", "#d97706", "#2f9e6b", "#c2557f", "#8b7bd8", "#8a8f98"]

THEME: dict[str, Any] = {
    "background": None,
    "font": "inherit",
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": INK,
        "tickColor": INK,
        "gridColor": INK,
        "gridOpacity": 0.15,
        "domainOpacity": 0.5,
        "tickOpacity": 0.5,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12},
    "header": {"labelColor": INK, "titleColor": INK},
    "title": {"color": INK, "subtitleColor": INK},
    "text": {"color": INK},
    "rule": {"color": INK},
    "line": {"color": PALETTE[0], "strokeWidth": 2},
    "bar": {"color": PALETTE[0]},
    "point": {"color": PALETTE[0], "filled": True},
    "area": {"color": PALETTE[0]},
    "range": {"category": PALETTE},
}

# Pixels at which the words of a chart are as large as those around it.
WIDTHS = {"wide": 480, "narrow": 300}

_OPENING = re.compile(r"<svg\b[^>]*?viewBox=\"([^\"]+)\"[^>]*>")
_NEEDLESS = re.compile(r"\s(?:role|aria-[a-z]+|tabindex)=\"[^\"]*\"")


def svg(chart: "TopLevelMixin", *, title: str, description: str) -> SafeString:
    """The chart, drawn for wide and for narrow containers; the style sheet shows the one that fits.

    `title` names it and `description` says what it shows, both for those who do not see it. The numbers belong in a
    table beside it. Of the chart's own size only the height counts.
    """
    return mark_safe("".join(_drawing(chart, name, title, description) for name in WIDTHS))


def _drawing(chart: Any, name: str, title: str, description: str) -> str:
    size = {"width": WIDTHS[name], "autosize": {"type": "fit-x", "contains": "padding"}}
    drawn = _drawn(json.dumps(chart.to_dict() | size))
    opening = _OPENING.search(drawn)
    assert opening is not None
    body = _NEEDLESS.sub("", drawn[opening.end() :])
    mark = "chart-" + hashlib.blake2b(drawn.encode() + title.encode(), digest_size=6).hexdigest()
    words = f'<title id="{mark}-title">{escape(title)}</title><desc id="{mark}-desc">{escape(description)}</desc>'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {name}" role="img" width="100%" '
        f'viewBox="{opening[1]}" preserveAspectRatio="xMinYMid" '
        f'aria-labelledby="{mark}-title" aria-describedby="{mark}-desc">'
    )
    return head + words + body


@lru_cache(maxsize=64)
def _drawn(specification: str) -> str:
    """The same chart is asked for again and again, and takes about a tenth of a second to draw."""
    import vl_convert  # half a second that a start does without

    return vl_convert.vegalite_to_svg(specification, config=THEME)
