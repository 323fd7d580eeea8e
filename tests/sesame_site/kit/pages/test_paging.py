"""Long lists a page at a time: whole, without doubles, and with the rest of the query kept."""

import pytest
from django.test import RequestFactory

from citizens.models import Citizen
from sesame_site.kit.pages.paging import PER_PAGE, Link, by_key, numbered, query_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    Citizen.objects.bulk_create(Citizen(key=f"p{number:04}", name="P") for number in range(2 * PER_PAGE + 1))


def asked(query=""):
    return RequestFactory().get(f"/{query}")


def test_numbered_pages_say_where_they_are_and_keep_the_query():
    page = numbered(asked("?page=2&q=a%26b&page=9"), Citizen.objects.order_by("key"))
    assert (page.position, len(page)) == ("Page 3 of 3", 1)
    page = numbered(asked("?q=a%26b&page=2"), Citizen.objects.order_by("key"))
    assert (page.position, page.rows[0].key) == ("Page 2 of 3", f"p{PER_PAGE:04}")
    assert (page.before.query, page.after.query) == ("q=a%26b&page=1", "q=a%26b&page=3")


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "9" * 40, "%00"])
def test_a_page_that_is_none_shows_another(number):
    assert numbered(asked(f"?page={number}"), Citizen.objects.order_by("key")).rows


def test_one_page_names_no_neighbours():
    page = numbered(asked(), Citizen.objects.order_by("key")[:PER_PAGE])
    assert (page.position, page.before, page.after) == ("", None, None)


def test_pages_by_key_follow_each_other_without_a_gap_and_count_nothing(django_assert_num_queries):
    rows, query, seen = Citizen.objects.order_by("key"), "", []
    with django_assert_num_queries(3):
        while query is not None:
            request = asked(f"?{query}")
            page = by_key(request, rows.filter(key__gt=request.GET.get("after", "")), "after", lambda one: one.key)
            seen += [one.key for one in page]
            assert (page.before is None) == (query == "")
            query = page.after.query if page.after else None
    assert seen == [f"p{number:04}" for number in range(2 * PER_PAGE + 1)]


@pytest.mark.parametrize(
    ("query", "changes", "found"),
    [
        ("", {}, ""),
        ("a=1&a=2&b=3", {"a": 5}, "b=3&a=5"),
        ("a=1&b=2", {"a": None}, "b=2"),
        ("a=1", {"b": None}, "a=1"),
        ("a=1", {"a": 0}, "a=0"),
        ("a=", {"b": "x y&z=ü"}, "a=&b=x+y%26z%3D%C3%BC"),
    ],
)
def test_the_rest_of_a_query_stays(query, changes, found):
    request = asked(f"?{query}")
    assert query_with(request, **changes) == found
    assert request.GET.urlencode() == query, "what was asked is not changed by it"


@pytest.mark.parametrize(("rows", "last"), [(0, None), (PER_PAGE, None), (PER_PAGE + 1, f"p{PER_PAGE - 1:04}")])
def test_a_page_by_key_leads_on_only_where_there_is_more(rows, last):
    page = by_key(asked("?q=x"), Citizen.objects.order_by("key")[:rows], "after", lambda one: one.key)
    assert len(page) == min(rows, PER_PAGE)
    assert page.after == (last and Link("Next page", f"q=x&after={last}"))
    assert page.before is None
