"""Raw records of the perks app."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from citizens.records import AuditedRecords
from perks import models


class Openings(AuditedRecords):
    """Sets a threshold once, when the row is added. Later it is moved in the console, which records who did it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.model.THRESHOLD, "is_active") if obj else ()


@admin.register(models.Perk)
class PerkAdmin(Openings):
    list_display = ("name", models.Perk.THRESHOLD, "is_active", "note")


@admin.register(models.Restriction)
class RestrictionAdmin(Openings):
    list_display = ("name", models.Restriction.THRESHOLD, "is_active", "note")
