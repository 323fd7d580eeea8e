"""Raw records in the admin: everything can be looked at, few things changed."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class Records(ModelAdmin):
    """A table that may be large: one page at a time, without counting it all."""

    show_full_result_count = False
    list_per_page = 50


class ReadOnly(Records):
    """Written by the system alone; here it is only looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
