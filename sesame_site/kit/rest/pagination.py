"""Pages of a list, by cursor, so that rows added meanwhile are neither missed nor repeated."""

from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.serializers import IntegerField


class CursorPages(CursorPagination):
    """Newest first; `page_size` up to 500. A view sets `ordering` on itself when its rows have another order."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    cursor_query_description = "Where the page begins; follow `next` and `previous`."
    page_size_query_description = "Rows per page."

    def get_ordering(self, request, queryset, view):  # type: ignore[no-untyped-def]
        ordering = getattr(view, "ordering", None)
        if ordering:
            return (ordering,) if isinstance(ordering, str) else tuple(ordering)
        return super().get_ordering(request, queryset, view)

    def paginate_queryset(self, queryset, request, view=None):  # type: ignore[no-untyped-def]
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ModelValidationError, ValueError) as error:
            raise NotFound(_("This cursor leads nowhere; take one that an answer gave.")) from error

    def get_page_size(self, request):  # type: ignore[no-untyped-def]
        try:
            asked = request.query_params.get(self.page_size_query_param, self.page_size)
            return IntegerField(min_value=1, max_value=self.max_page_size).run_validation(asked)
        except ValidationError as error:
            raise ValidationError({self.page_size_query_param: error.detail}) from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor, page_size = super().get_schema_operation_parameters(view)
        page_size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [cursor, page_size]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        properties = {"next": address, "previous": address, "results": schema}
        return {"type": "object", "properties": properties, "required": list(properties)}
