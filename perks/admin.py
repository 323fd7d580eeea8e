"""Raw records of the perks app."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from citizens.records import AuditedRecords
from perks import models
from sesame_site.kit.admin.records import ReadOnly


class Openings(AuditedRecords):
    """What is offered is moved and switched in the console, which takes two people; here it is added switched off."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.model.THRESHOLD, "is_active") if obj else ("is_active",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.is_active = False
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that is in force is switched off first, by two; several at once are not deleted."""
        return obj is not None and not obj.is_active and bool(super().has_delete_permission(request, obj))


@admin.register(models.Perk)
class PerkAdmin(Openings):
    list_display = ("name", models.Perk.THRESHOLD, "is_active", "note")


@admin.register(models.Restriction)
class RestrictionAdmin(Openings):
    list_display = ("name", models.Restriction.THRESHOLD, "is_active", "note")


@admin.register(models.ThresholdChange)
class ThresholdChangeAdmin(ReadOnly):
    list_display = ("__str__", "asked_by", "asked_at", "decided_by", "decided_at", "is_approved")
    list_select_related = ("perk", "restriction", "asked_by", "decided_by")
