"""Moments and their count of microseconds since 1970."""

import datetime as dt

import pytest

from sesame_site.kit.moments import microseconds, moment_of


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), 0),
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), 1_767_225_600_000_000),
        (dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC), -1),
    ],
)
def test_a_moment_is_a_count_of_microseconds_and_back(moment, count):
    assert microseconds(moment) == count
    assert moment_of(count) == moment


def test_a_moment_may_be_in_any_time_zone():
    east = dt.timezone(dt.timedelta(hours=2))
    assert microseconds(dt.datetime(1970, 1, 1, 2, tzinfo=east)) == 0


@pytest.mark.parametrize("moment", [dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)])
def test_the_first_and_the_last_moment_there_is_come_back(moment):
    assert moment_of(microseconds(moment)) == moment
    beyond = microseconds(moment) + (1 if moment.year > 1 else -1)
    with pytest.raises(OverflowError):
        moment_of(beyond)


def test_a_moment_without_a_time_zone_is_none():
    with pytest.raises(TypeError):
        microseconds(dt.datetime(2026, 5, 4))  # noqa: DTZ001
