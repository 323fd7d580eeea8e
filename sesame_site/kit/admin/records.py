"""Raw records in the admin: everything can be looked at, few things changed."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import FloatField, Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from sesame_site.kit.pages.numbers import number


class Records(ModelAdmin):
    """A table that may be large: one page at a time, without counting it all. Its numbers are rounded for reading."""

    show_full_result_count = False
    list_per_page = 50

    def get_list_display(self, request: HttpRequest) -> list[Any] | tuple[Any, ...]:
        return [rounded(self.model, name) for name in super().get_list_display(request)]


class Kept(Records):
    """Rows that the database keeps for good: they can be added and changed, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(Kept):
    """Written by the system alone; here it is only looked at."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [rounded(self.model, name) for name in super().get_fields(request, obj)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def exactly(model: type[Model], *names: str) -> list[Any]:
    """What shows these columns: floats as people write them, “0.3” and “5”, to six places."""
    return [rounded(model, name, places=6) for name in names]


def rounded(model: type[Model], name: Any, *, places: int = 2) -> Any:
    """What shows this column: of floats the value to so many places, or to six below 1; of others the name itself."""
    field = next((field for field in model._meta.fields if field.name == name), None)
    return _shown(field, places) if isinstance(field, FloatField) else name


def _shown(field: Any, places: int) -> Callable[[Model], str]:
    @admin.display(description=field.verbose_name, ordering=field.name, empty_value="—")
    def shown(row: Model) -> str | None:
        value = getattr(row, field.name)
        return None if value is None else number(value, 6 if abs(value) < 1 else places)

    return shown  # type: ignore[return-value]
