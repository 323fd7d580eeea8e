"""Raw records of the perks app."""

from django.contrib import admin

from perks import models
from sesame_site.kit.records import Records


@admin.register(models.Perk)
class PerkAdmin(Records):
    list_display = ("name", "opens_at", "is_active", "note")


@admin.register(models.Restriction)
class RestrictionAdmin(Records):
    list_display = ("name", "closes_below", "is_active", "note")
