"""Raw records of the perks app."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from citizens.records import AuditedRecords
from perks import models


class Openings(AuditedRecords):
    """What is offered is moved in the console, which keeps who did; here it is set once, when it is added."""

    threshold: str

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.threshold, "is_active") if obj else ()


@admin.register(models.Perk)
class PerkAdmin(Openings):
    threshold = "opens_at"
    list_display = ("name", "opens_at", "is_active", "note")


@admin.register(models.Restriction)
class RestrictionAdmin(Openings):
    threshold = "closes_below"
    list_display = ("name", "closes_below", "is_active", "note")
