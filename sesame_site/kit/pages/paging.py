"""Long lists, a page at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

PER_PAGE = 50


@dataclass(frozen=True)
class Link:
    """A way to another page of the list: its words, and what stands after the question mark."""

    label: str
    query: str


@dataclass(frozen=True)
class Listed:
    """The rows of one page, where it stands among the others in words, and the ways to its neighbours."""

    rows: list[Any]
    position: str = ""
    before: Link | None = None
    after: Link | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def numbered(request: HttpRequest, rows: QuerySet[Any]) -> Listed:
    """The page that ?page= names, and the nearest one where there is none of that number. Counts all rows."""
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    facts = {"number": page.number, "last": page.paginator.num_pages}
    return Listed(
        list(page),
        _("Page %(number)s of %(last)s") % facts if page.has_other_pages() else "",
        _link(request, _("Previous page"), page=page.previous_page_number()) if page.has_previous() else None,
        _link(request, _("Next page"), page=page.next_page_number()) if page.has_next() else None,
    )


def by_key(request: HttpRequest, rows: QuerySet[Any], name: str, key: Callable[[Any], Any]) -> Listed:
    """The first page of rows that begin after the key in the query's `name`. Counts nothing: there may be millions."""
    found = list(rows[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    return Listed(
        shown,
        before=_link(request, _("First page"), **{name: None}) if request.GET.get(name) else None,
        after=_link(request, _("Next page"), **{name: key(shown[-1])}) if len(found) > PER_PAGE else None,
    )


def query_with(request: HttpRequest, **changes: Any) -> str:
    """The query of the request with these values instead; what is None is left out."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return query.urlencode()


def _link(request: HttpRequest, label: str, **changes: Any) -> Link:
    return Link(label, query_with(request, **changes))
