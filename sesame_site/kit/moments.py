"""Moments as the database and the engine count them: microseconds since 1970."""

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def microseconds(moment: dt.datetime) -> int:
    """The whole microseconds from the start of 1970 to this moment, which must have a time zone."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(count: int) -> dt.datetime:
    """The moment in UTC at so many microseconds since the start of 1970.

    Raises OverflowError outside the years 1 to 9999.
    """
    return EPOCH + count * MICROSECOND


def latest_of(first: dt.datetime, *others: dt.datetime | None) -> dt.datetime:
    """The latest of these moments; those that are None are left out."""
    return max(first, *(moment for moment in others if moment is not None), first)
