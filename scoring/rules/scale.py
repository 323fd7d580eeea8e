"""Sentences that name the ends of the scale of scores."""

from typing import TYPE_CHECKING

from scoring.engine.scale import CEILING, FLOOR
from sesame_site.kit.pages.sentences import filled

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def on_the_scale(sentence: "str | _StrPromise") -> "_StrPromise":
    """A sentence with “%(low)s” and “%(high)s” replaced by the ends of the scale of scores when it is shown."""
    return filled(sentence, low=FLOOR, high=CEILING)
