"""What staff may read of runs."""

from typing import Any

from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from citizens.api.permissions import HasRight
from citizens.enums import Right
from scoring.models import Run
from sesame_site.kit.rest.filters import TrueOrFalse
from sesame_site.kit.rest.scopes import HasScope


class RunSerializer(serializers.ModelSerializer[Run]):
    rule_set = serializers.SlugRelatedField[Any](slug_field="version", read_only=True, help_text="Version.")
    seconds = serializers.DictField(child=serializers.FloatField(), read_only=True, help_text="Seconds per phase.")

    class Meta:
        model = Run
        fields = (
            "id",
            "status",
            "trigger",
            "rule_set",
            "is_current",
            "as_of",
            "requested_at",
            "started_at",
            "finished_at",
            "phase",
            "progress",
            "error",
            "citizens",
            "scored",
            "behaviours",
            "ties",
            "pushes",
            "changed",
            "error_bound",
            "seconds",
        )
        read_only_fields = fields


class RunFilter(FilterSet):
    is_current = TrueOrFalse()

    class Meta:
        model = Run
        fields = ("status", "trigger", "is_current")


@extend_schema_view(get=extend_schema(operation_id="list_runs"))
class RunsView(generics.ListAPIView[Run]):
    """Runs, newest first."""

    permission_classes = (HasScope, HasRight)
    required_right = Right.READ_RUNS
    required_scopes = ("runs:read",)
    queryset = Run.objects.select_related("rule_set")
    serializer_class = RunSerializer
    filterset_class = RunFilter
    ordering = "-id"


@extend_schema_view(get=extend_schema(operation_id="get_run"))
class RunView(generics.RetrieveAPIView[Run]):
    """One run: counts, seconds per phase, certified error bound."""

    permission_classes = (HasScope, HasRight)
    required_right = Right.READ_RUNS
    required_scopes = ("runs:read",)
    queryset = Run.objects.select_related("rule_set")
    serializer_class = RunSerializer
    filter_backends = ()
