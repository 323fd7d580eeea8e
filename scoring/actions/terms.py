"""The one place that writes the terms of a rule set, for drafts and for the installation alike."""

from django.core.exceptions import ValidationError

from citizens.models import BehaviourType
from scoring.models import Band, Dimension, Rule, RuleSet, TieWeight
from scoring.rules.limits import Problem, problems_in
from scoring.rules.terms import Terms
from scoring.rules.weights import RULE


def write_terms(rule_set: RuleSet, terms: Terms) -> None:
    """Replace name, note, weights and parts of a draft by these terms.

    The caller has locked the draft. Raises ValidationError with every reason by field if the terms cannot be used.
    """
    refuse(problems_in(terms))
    values = {"name": terms.name, "note": terms.note, **terms.numbers}
    for field, value in values.items():
        setattr(rule_set, field, value)
    rule_set.save(update_fields=list(values))
    for parts in (rule_set.rules, rule_set.dimensions, rule_set.tie_weights, rule_set.bands):
        parts.all().delete()
    write_parts(rule_set, terms)


def write_parts(rule_set: RuleSet, terms: Terms) -> None:
    """Write dimensions, rules, tie weights and bands of a draft that has none."""
    dimensions = Dimension.objects.bulk_create(
        Dimension(rule_set=rule_set, key=part.key, name=part.name, room=part.room, note=part.note, position=position)
        for position, part in enumerate(terms.dimensions)
    )
    dimension_of = {dimension.key: dimension for dimension in dimensions}
    type_of = BehaviourType.objects.in_bulk([rule.behaviour_type for rule in terms.rules], field_name="key")
    Rule.objects.bulk_create(
        Rule(
            rule_set=rule_set,
            dimension=dimension_of[rule.dimension],
            behaviour_type=type_of[rule.behaviour_type],
            **{name: getattr(rule, name) for name in RULE},
        )
        for rule in terms.rules
    )
    TieWeight.objects.bulk_create(
        TieWeight(rule_set=rule_set, role=role, weight=weight) for role, weight in terms.tie_weights
    )
    Band.objects.bulk_create(
        Band(rule_set=rule_set, key=band.key, name=band.name, lower=band.lower) for band in terms.bands
    )


def refuse(problems: list[Problem]) -> None:
    """Raise ValidationError with every reason by its field, if there are any."""
    reasons: dict[str, list[str]] = {}
    for field, reason in problems:
        reasons.setdefault(field, []).append(reason)
    if reasons:
        raise ValidationError(reasons)
