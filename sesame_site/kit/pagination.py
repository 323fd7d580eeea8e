"""Pages of a list, by cursor, so that rows added meanwhile are neither missed nor repeated."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Newest first; `page_size` up to 500. A view sets `ordering` on itself when its rows have another order."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def get_ordering(self, request, queryset, view):  # type: ignore[no-untyped-def]
        ordering = getattr(view, "ordering", None)
        if ordering:
            return (ordering,) if isinstance(ordering, str) else tuple(ordering)
        return super().get_ordering(request, queryset, view)
