"""Moments as files write them, in whole columns: ISO 8601 or unix seconds become microseconds since 1970."""

import datetime as dt
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sesame_site.kit.moments import microseconds

# What a datetime can hold.
FIRST = microseconds(dt.datetime(1, 1, 1, tzinfo=dt.UTC))
LAST = microseconds(dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC))
UTC_TIME = pa.timestamp("us", "UTC")
NEVER = np.iinfo(np.int64).min


def microseconds_of(texts: pa.StringArray) -> NDArray[np.int64]:
    """Each text as microseconds since 1970; NEVER where it is no time."""
    ticks = _moments(texts).cast(pa.int64()).fill_null(NEVER).to_numpy()
    return np.where((ticks >= FIRST) & (ticks <= LAST), ticks, NEVER)


def _moments(texts: pa.StringArray) -> "pa.Array[Any]":
    # Arrow reads what nearly all files hold, all with a zone or all without; else one looks at each.
    for kind in (UTC_TIME, pa.timestamp("us")):
        with suppress(pa.ArrowInvalid):
            return texts.cast(kind)
    return pa.array([moment(str(text)) for text in texts.to_pylist()], UTC_TIME)


def moment(text: str) -> dt.datetime | None:
    """ISO 8601 (UTC where it names no zone) or unix seconds, fractions allowed; None if it is neither."""
    try:
        parsed = dt.datetime.fromisoformat(text)
        # 20260101 would be a date too, but digits alone are seconds.
        if not text.isdecimal():
            return parsed.replace(tzinfo=dt.UTC) if parsed.tzinfo is None else parsed.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return dt.datetime.fromtimestamp(float(text), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
