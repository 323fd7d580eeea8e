"""Values of calls that are exactly what is asked for, and filters that refuse what they do not understand."""

import datetime as dt
from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from citizens.models import Citizen
from sesame_site.kit.rest.fields import AtMost, Exactly, Moment, Number, Text
from sesame_site.kit.rest.filters import StrictFilters, TrueOrFalse
from sesame_site.kit.rest.pagination import CursorPages


class Event(Exactly[Any]):
    name = Text(max_length=3)
    amount = Number(default=1.0)


def refusal(field, value):
    with pytest.raises(ValidationError) as refused:
        field.run_validation(value)
    return refused.value.detail


@pytest.mark.parametrize("value", ["a", " a ", "\n", "é", "😀😀😀"])
def test_a_text_is_kept_as_it_was_sent(value):
    assert Text(max_length=3).run_validation(value) == value


@pytest.mark.parametrize("value", [7, 1.5, True, None, ["a"], {"a": 1}, b"a", "", "abcd", "a\0"])
def test_what_is_no_text_of_this_length_is_refused(value):
    assert refusal(Text(max_length=3), value)


@pytest.mark.parametrize(("value", "read"), [(0, 0.0), (-3, -3.0), (2.5, 2.5), (10**15, 1e15), (-0.0, 0.0)])
def test_a_number_is_taken(value, read):
    found = Number().run_validation(value)
    assert (found, type(found)) == (read, float)


@pytest.mark.parametrize("value", ["1", "", True, False, None, [1], {}, "nan"])
def test_what_only_reads_like_a_number_is_refused(value):
    assert refusal(Number(), value)


@pytest.mark.parametrize("value", [-1, 1.0000001, float("inf"), float("nan"), 10**400])
def test_a_number_beyond_its_ends_is_refused(value):
    assert refusal(Number(min_value=0, max_value=1), value)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-05-04T12:00:00Z", dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)),
        ("2026-05-04T14:00:00+02:00", dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)),
        ("2026-05-04T12:00", dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)),
        ("2026-05-04", dt.datetime(2026, 5, 4, tzinfo=dt.UTC)),
        ("2024-02-29 23:59:59.999999Z", dt.datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=dt.UTC)),
    ],
)
def test_a_moment_is_read_as_utc_where_it_says_nothing_else(text, read):
    assert Moment(default_timezone=dt.UTC).run_validation(text) == read


@pytest.mark.parametrize("text", ["", "noon", "2026-02-29T00:00Z", "2026-05-04T25:00Z", "2026-05-04T1\0", 0])
def test_what_is_no_moment_is_refused(text):
    assert refusal(Moment(), text)


def test_a_list_that_is_too_long_is_not_looked_into():
    words = AtMost(child=Text(), max_length=2)
    assert words.run_validation(["a", "b"]) == ["a", "b"]
    assert refusal(words, [1, 2, 3]) == ["Ensure this field has no more than 2 elements."]
    assert list(refusal(words, [1, 2])) == [0, 1]
    assert AtMost(child=Text()).run_validation(["a"] * 5_000) == ["a"] * 5_000


def test_a_name_that_is_not_there_is_refused_beside_what_else_is_wrong():
    assert Event(data={"name": "a"}).run_validation({"name": "a"}) == {"name": "a", "amount": 1.0}
    assert refusal(Event(), {"nmae": "a", "amount": "x"}) == {
        "nmae": ["There is no such field."],
        "name": ["This field is required."],
        "amount": ["A valid number is required."],
    }


def test_of_many_unknown_names_ten_are_said_and_none_at_length():
    unknown = {"x" * 1_000: 1, "\ud800": 1} | {f"n{n}": 1 for n in range(1_000)}
    said = refusal(Event(), {"name": "a"} | unknown)
    assert list(said) == ["x" * 100, "\\ud800", *(f"n{n}" for n in range(8))]


@pytest.mark.parametrize("data", [[], "name", 7])
def test_what_is_no_object_is_refused_as_such(data):
    assert list(refusal(Event(), data)) == ["non_field_errors"]


@pytest.mark.parametrize(
    ("typed", "found"), [("true", True), ("True", True), ("false", False), ("False", False), ("yes", None), ("1", None)]
)
def test_true_and_false_are_words(typed, found):
    field = TrueOrFalse().field
    assert (field.clean(typed) == found) if found is not None else not field.valid_value(typed)


class Listing:
    """What a filter and a page need of a view."""

    filterset_fields = ("is_synthetic", "key")
    ordering = ("name", "-key")


def asked(query):
    return Request(RequestFactory().get("/", QueryDict(query).dict()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "names"), [("key=", ["key"]), ("key=&is_synthetic=", ["is_synthetic", "key"]), ("other=", []), ("", [])]
)
def test_a_filter_without_a_value_is_refused_by_name(query, names):
    Citizen.objects.create(key="a", name="A")
    if not names:
        assert StrictFilters().filter_queryset(asked(query), Citizen.objects.all(), Listing()).count() == 1
        return
    with pytest.raises(ValidationError) as refused:
        StrictFilters().filter_queryset(asked(query), Citizen.objects.all(), Listing())
    assert refused.value.detail == dict.fromkeys(names, "Say a value, or leave it out.")


@pytest.mark.parametrize(
    ("query", "size"), [("", 50), ("page_size=1", 1), ("page_size=500", 500), ("page_size=007", 7)]
)
def test_a_page_has_as_many_rows_as_were_asked_for(query, size):
    assert CursorPages().get_page_size(asked(query)) == size


@pytest.mark.parametrize("typed", ["0", "501", "-5", "", "ten", "1e2", "5.5", "٣٠٠٠", "9" * 5_000])
def test_a_page_of_another_size_is_refused_by_name(typed):
    with pytest.raises(ValidationError) as refused:
        CursorPages().get_page_size(asked(f"page_size={typed}"))
    assert list(refused.value.detail) == ["page_size"]


@pytest.mark.parametrize(("ordering", "used"), [(None, ("-pk",)), ("-id", ("-id",)), (["a", "-b"], ("a", "-b"))])
def test_a_view_has_its_own_order_or_the_newest_first(ordering, used):
    view = type("View", (), {"ordering": ordering})()
    assert CursorPages().get_ordering(asked(""), Citizen.objects.all(), view) == used
