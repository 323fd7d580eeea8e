"""Sentences for people that are put into words only when they are shown."""

from typing import TYPE_CHECKING, cast

from django.utils.functional import lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def filled(sentence: "str | _StrPromise", **facts: object) -> "_StrPromise":
    """A translatable sentence whose named parts, such as “%(low)s”, are these facts."""
    return cast("_StrPromise", lazy(lambda: str(sentence) % facts, str)())
