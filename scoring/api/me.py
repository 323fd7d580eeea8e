"""What the owner of a score, and those they share it with, may read."""

from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from citizens.access import citizen_of
from citizens.models import Citizen
from scoring.engine.scale import CEILING, FLOOR
from scoring.explanation import Explanation, LineKind, UnscoredReason, explain
from scoring.explanation.values import as_values
from scoring.models import Movement
from sesame_site.kit.rest.problems import MEDIA_TYPE, ProblemSerializer
from sesame_site.kit.rest.scopes import HasScope

NOBODY = gettext_lazy("No citizen belongs to this authorisation.")
NOBODY_FOUND = {(404, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, NOBODY)}


class ScoreSerializer(serializers.Serializer[Any]):
    """A published score. `score` and what follows from it are null for the unscored."""

    score = serializers.IntegerField(allow_null=True, min_value=FLOOR, max_value=CEILING)
    band = serializers.CharField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    rule_set = serializers.IntegerField(allow_null=True, help_text="Version.")
    unscored_code = serializers.ChoiceField([reason.value for reason in UnscoredReason], allow_blank=True)
    unscored_reason = serializers.CharField(allow_blank=True, help_text="The same in words.")


class LineSerializer(serializers.Serializer[Any]):
    """One summand of the score."""

    kind = serializers.ChoiceField([kind.value for kind in LineKind])
    subject = serializers.CharField(allow_blank=True, help_text="Key of the behaviour type or dimension, or empty.")
    label = serializers.CharField(help_text="In words.")  # type: ignore[assignment]
    note = serializers.CharField(allow_blank=True, help_text="What it rests on, in words.")
    points = serializers.FloatField()
    facts = serializers.DictField(help_text="The names and numbers that the words are made of.")


class ExplanationSerializer(ScoreSerializer):
    """Every line that adds up to the score. What people somebody knows do to it is in whole points."""

    own = serializers.FloatField(allow_null=True)
    network = serializers.IntegerField(allow_null=True, help_text="In whole points.")
    next_band = serializers.CharField(allow_null=True)
    points_to_next = serializers.IntegerField(allow_null=True)
    lines = LineSerializer(many=True)


class HistorySerializer(serializers.ModelSerializer[Movement]):
    network = serializers.IntegerField(source="network_in_whole_points", allow_null=True, help_text="In whole points.")

    class Meta:
        model = Movement
        fields = ("as_of", "published", "own", "network")
        read_only_fields = fields


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
        return Response(ScoreSerializer(as_values(self.explanation())).data)


class MyExplanationView(MineView):
    required_scopes = ("explanation:read",)

    @extend_schema(operation_id="my_explanation", responses={200: ExplanationSerializer, **NOBODY_FOUND})
    def get(self, request: Request) -> Response:
        """Every line that adds up to the current score. The network effect is split only where that reveals nobody."""
        return Response(ExplanationSerializer(as_values(self.explanation())).data)


@extend_schema_view(
    get=extend_schema(operation_id="my_history", responses={200: HistorySerializer(many=True), **NOBODY_FOUND})
)
class MyHistoryView(MineView, generics.ListAPIView[Movement]):
    """Each published number that differed from the one before, newest first."""

    required_scopes = ("history:read",)
    serializer_class = HistorySerializer
    filter_backends = ()
    ordering = ("-as_of", "-id")
    queryset = Movement.objects.none()

    def get_queryset(self) -> Any:
        return Movement.objects.filter(citizen=self.citizen())
