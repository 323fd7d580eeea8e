"""What the owner of a score, those they share it with, and staff may read."""

from typing import Any

from django.urls import path
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from citizens.access import citizen_of
from citizens.models import Citizen
from scoring.explain import Explanation, explain
from scoring.models import Band, Dimension, Rule, RuleSet, Run, ScoreHistory, TieWeight
from sesame_site.kit.filters import TrueOrFalse
from sesame_site.kit.problems import MEDIA_TYPE, ProblemSerializer
from sesame_site.kit.scopes import HasScope, IsStaff

NOBODY = "No citizen belongs to this authorisation."
NOBODY_FOUND = {(404, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, NOBODY)}


class ScoreSerializer(serializers.Serializer[Any]):
    """A published score. `score` and what follows from it are null for the unscored."""

    score = serializers.IntegerField(allow_null=True, min_value=350, max_value=950)
    band = serializers.CharField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    rule_set = serializers.IntegerField(allow_null=True, help_text="Version.")
    unscored_reason = serializers.CharField(allow_blank=True)


class LineSerializer(serializers.Serializer[Any]):
    """One summand of the score."""

    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.FloatField()
    note = serializers.CharField(allow_blank=True)


class ExplanationSerializer(ScoreSerializer):
    """Every line that adds up to the score."""

    exact = serializers.FloatField(allow_null=True, help_text="Before rounding; the sum of the lines.")
    own = serializers.FloatField(allow_null=True)
    network = serializers.FloatField(allow_null=True)
    next_band = serializers.CharField(allow_null=True)
    points_to_next = serializers.IntegerField(allow_null=True)
    lines = LineSerializer(many=True)


class HistorySerializer(serializers.ModelSerializer[ScoreHistory]):
    class Meta:
        model = ScoreHistory
        fields = ("as_of", "published", "own", "network")
        read_only_fields = fields


class DimensionSerializer(serializers.ModelSerializer[Dimension]):
    class Meta:
        model = Dimension
        fields = ("key", "name", "room", "note")
        read_only_fields = fields


class RuleSerializer(serializers.ModelSerializer[Rule]):
    behaviour_type = serializers.SlugRelatedField[Any](slug_field="key", read_only=True)
    dimension = serializers.SlugRelatedField[Any](slug_field="key", read_only=True)

    class Meta:
        model = Rule
        fields = ("behaviour_type", "dimension", "points", "most", "half_life_days", "expiry_days")
        read_only_fields = fields


class TieWeightSerializer(serializers.ModelSerializer[TieWeight]):
    class Meta:
        model = TieWeight
        fields = ("role", "weight")
        read_only_fields = fields


class BandSerializer(serializers.ModelSerializer[Band]):
    class Meta:
        model = Band
        fields = ("key", "name", "lower")
        read_only_fields = fields


class RuleSetSummarySerializer(serializers.ModelSerializer[RuleSet]):
    class Meta:
        model = RuleSet
        fields = ("version", "name", "status", "note", "created_at", "published_at", "retired_at")
        read_only_fields = fields


class RuleSetSerializer(serializers.ModelSerializer[RuleSet]):
    dimensions = DimensionSerializer(many=True, read_only=True)
    rules = RuleSerializer(many=True, read_only=True)
    tie_weights = TieWeightSerializer(many=True, read_only=True)
    bands = BandSerializer(many=True, read_only=True)

    class Meta:
        model = RuleSet
        fields = (
            *RuleSetSummarySerializer.Meta.fields,
            *("base", "minimum_behaviours", "drag", "lift", "theta_drag", "theta_lift", "cap", "k0"),
            *("dimensions", "rules", "tie_weights", "bands"),
        )
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer[Run]):
    rule_set = serializers.SlugRelatedField[Any](slug_field="version", read_only=True, help_text="Version.")
    seconds = serializers.DictField(child=serializers.FloatField(), read_only=True, help_text="Seconds per phase.")

    class Meta:
        model = Run
        fields = (
            *(
                "id",
                "status",
                "trigger",
                "rule_set",
                "is_current",
                "as_of",
                "requested_at",
                "started_at",
                "finished_at",
            ),
            *("phase", "progress", "error", "citizens", "scored", "behaviours", "ties", "pushes", "changed"),
            *("error_bound", "seconds"),
        )
        read_only_fields = fields


class RunFilter(FilterSet):
    is_current = TrueOrFalse()

    class Meta:
        model = Run
        fields = ("status", "trigger", "is_current")


class MineView(APIView):
    """About the citizen who signed in or authorised the client."""

    permission_classes = (HasScope,)

    def citizen(self) -> Citizen:
        citizen = citizen_of(self.request.user) if self.request.user else None
        if citizen is None:
            raise NotFound(NOBODY)
        return citizen

    def explanation(self) -> Explanation:
        return explain(self.citizen())


class MyScoreView(MineView):
    required_scopes = ("score:read",)

    @extend_schema(operation_id="my_score", responses={200: ScoreSerializer, **NOBODY_FOUND})
    def get(self, request: Request) -> Response:
        """The current score of the citizen who authorised this."""
        return Response(ScoreSerializer(self.explanation().as_dict()).data)


class MyExplanationView(MineView):
    required_scopes = ("explanation:read",)

    @extend_schema(operation_id="my_explanation", responses={200: ExplanationSerializer, **NOBODY_FOUND})
    def get(self, request: Request) -> Response:
        """Every line that adds up to the current score. The network effect is split only where that reveals nobody."""
        return Response(ExplanationSerializer(self.explanation().as_dict()).data)


@extend_schema_view(
    get=extend_schema(operation_id="my_history", responses={200: HistorySerializer(many=True), **NOBODY_FOUND})
)
class MyHistoryView(MineView, generics.ListAPIView[ScoreHistory]):
    """Each published number that differed from the one before, newest first."""

    required_scopes = ("history:read",)
    serializer_class = HistorySerializer
    filter_backends = ()
    ordering = ("-as_of", "-id")
    queryset = ScoreHistory.objects.none()

    def get_queryset(self) -> Any:
        return ScoreHistory.objects.filter(citizen=self.citizen())


@extend_schema_view(get=extend_schema(operation_id="list_rule_sets"))
class RuleSetsView(generics.ListAPIView[RuleSet]):
    """Rule sets, newest first."""

    permission_classes = (HasScope, IsStaff)
    required_scopes = ("rulesets:read",)
    queryset = RuleSet.objects.all()
    serializer_class = RuleSetSummarySerializer
    filterset_fields = ("status",)
    ordering = "-version"


@extend_schema_view(get=extend_schema(operation_id="get_rule_set"))
class RuleSetView(generics.RetrieveAPIView[RuleSet]):
    """One rule set with all its weights."""

    permission_classes = (HasScope, IsStaff)
    required_scopes = ("rulesets:read",)
    queryset = RuleSet.objects.with_parts().prefetch_related("rules__dimension")
    serializer_class = RuleSetSerializer
    lookup_field = "version"
    filter_backends = ()


@extend_schema_view(get=extend_schema(operation_id="list_runs"))
class RunsView(generics.ListAPIView[Run]):
    """Runs, newest first."""

    permission_classes = (HasScope, IsStaff)
    required_scopes = ("runs:read",)
    queryset = Run.objects.select_related("rule_set")
    serializer_class = RunSerializer
    filterset_class = RunFilter
    ordering = "-id"


@extend_schema_view(get=extend_schema(operation_id="get_run"))
class RunView(generics.RetrieveAPIView[Run]):
    """One run: counts, seconds per phase, certified error bound."""

    permission_classes = (HasScope, IsStaff)
    required_scopes = ("runs:read",)
    queryset = Run.objects.select_related("rule_set")
    serializer_class = RunSerializer
    filter_backends = ()


urlpatterns = [
    path("me/score/", MyScoreView.as_view(), name="my-score"),
    path("me/explanation/", MyExplanationView.as_view(), name="my-explanation"),
    path("me/history/", MyHistoryView.as_view(), name="my-history"),
    path("rule-sets/", RuleSetsView.as_view(), name="rule-sets"),
    path("rule-sets/<int:version>/", RuleSetView.as_view(), name="rule-set"),
    path("runs/", RunsView.as_view(), name="runs"),
    path("runs/<int:pk>/", RunView.as_view(), name="run"),
]
