"""What staff may read of rule sets."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from citizens.api.permissions import HasRight
from citizens.enums import Right
from scoring.models import Band, Dimension, Rule, RuleSet, TieWeight
from scoring.rules.weights import BAND, DIMENSION, RULE, RULE_SET, TIE
from sesame_site.kit.rest.scopes import HasScope


class DimensionSerializer(serializers.ModelSerializer[Dimension]):
    class Meta:
        model = Dimension
        fields = ("key", "name", *DIMENSION, "note")
        read_only_fields = fields


class RuleSerializer(serializers.ModelSerializer[Rule]):
    behaviour_type = serializers.SlugRelatedField[Any](slug_field="key", read_only=True)
    dimension = serializers.SlugRelatedField[Any](slug_field="key", read_only=True)

    class Meta:
        model = Rule
        fields = ("behaviour_type", "dimension", *RULE)
        read_only_fields = fields


class TieWeightSerializer(serializers.ModelSerializer[TieWeight]):
    class Meta:
        model = TieWeight
        fields = ("role", *TIE)
        read_only_fields = fields


class BandSerializer(serializers.ModelSerializer[Band]):
    class Meta:
        model = Band
        fields = ("key", "name", *BAND)
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
            *RULE_SET,
            "dimensions",
            "rules",
            "tie_weights",
            "bands",
        )
        read_only_fields = fields


@extend_schema_view(get=extend_schema(operation_id="list_rule_sets"))
class RuleSetsView(generics.ListAPIView[RuleSet]):
    """Rule sets, newest first."""

    permission_classes = (HasScope, HasRight)
    required_right = Right.READ_RULE_SETS
    required_scopes = ("rulesets:read",)
    queryset = RuleSet.objects.all()
    serializer_class = RuleSetSummarySerializer
    filterset_fields = ("status",)
    ordering = "-version"


@extend_schema_view(get=extend_schema(operation_id="get_rule_set"))
class RuleSetView(generics.RetrieveAPIView[RuleSet]):
    """One rule set with all its weights."""

    permission_classes = (HasScope, HasRight)
    required_right = Right.READ_RULE_SETS
    required_scopes = ("rulesets:read",)
    queryset = RuleSet.objects.with_parts().prefetch_related("rules__dimension")
    serializer_class = RuleSetSerializer
    lookup_field = "version"
    filter_backends = ()
