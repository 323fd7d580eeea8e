"""Filters of lists that refuse what they do not understand, where the library would show everything."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import TypedChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView


class StrictFilters(DjangoFilterBackend):
    """A filter that is there has a value."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filters = self.get_filterset_class(view, queryset)
        names = filters.base_filters if filters else ()
        if empty := [name for name in names if request.query_params.get(name) == ""]:
            raise ValidationError(dict.fromkeys(empty, _("Say a value, or leave it out.")))
        return super().filter_queryset(request, queryset, view)


@extend_schema_field(OpenApiTypes.BOOL)
class TrueOrFalse(TypedChoiceFilter):
    """A filter by a boolean."""

    def __init__(self, **options: Any) -> None:
        choices = [(word, word) for word in ("true", "True", "false", "False")]
        super().__init__(choices=choices, coerce=lambda word: word.lower() == "true", **options)
