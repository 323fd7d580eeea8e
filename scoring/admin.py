"""Raw records of the scoring app.

Scores are not here: their primary key is a pair, which the admin cannot address. Movements are.
"""

from django.contrib import admin
from unfold.admin import TabularInline

from scoring import models
from scoring.rules.weights import DIMENSION, RULE, TIE
from sesame_site.kit.admin.records import ReadOnly, exactly


class Part(TabularInline):
    """Rows of a rule set, to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False


class DimensionInline(Part):
    model = models.Dimension
    fields = readonly_fields = exactly(models.Dimension, "position", "key", "name", *DIMENSION, "note")


class RuleInline(Part):
    model = models.Rule
    fields = readonly_fields = exactly(models.Rule, "dimension", "behaviour_type", *RULE)


class TieWeightInline(Part):
    model = models.TieWeight
    fields = readonly_fields = exactly(models.TieWeight, "role", *TIE)


class BandInline(Part):
    model = models.Band


@admin.register(models.RuleSet)
class RuleSetAdmin(ReadOnly):
    list_display = ("version", "name", "status", "author", "published_by", "published_at")
    list_select_related = ("author", "published_by")
    list_filter = ("status",)
    inlines = (DimensionInline, RuleInline, TieWeightInline, BandInline)


@admin.register(models.Run)
class RunAdmin(ReadOnly):
    list_display = ("id", "as_of", "status", "trigger", "rule_set", "scored", "changed", "error_bound", "is_current")
    list_select_related = ("rule_set",)
    list_filter = ("status", "trigger")


@admin.register(models.Movement)
class MovementAdmin(ReadOnly):
    list_display = ("citizen", "as_of", "before", "published", "band_before", "band", "own", "network", "run")
    list_select_related = ("citizen", "run", "band_before", "band")
    search_fields = ("citizen__key",)
    # As the one index has them.
    ordering = ("citizen_id", "-id")


@admin.register(models.Contest)
class ContestAdmin(ReadOnly):
    list_display = ("citizen", "behaviour", "status", "opened_at", "decided_by", "decided_at")
    list_select_related = ("citizen", "behaviour__type", "decided_by")
    list_filter = ("status",)


@admin.register(models.FollowerPlace)
class FollowerPlaceAdmin(ReadOnly):
    list_display = ("name", "xid", "movement_id", "followed_at", "error")
