"""From the rows of a rule set to the arrays of the engine."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine.arrays import Ints
from scoring.engine.model import ROLES, Influence, Rules
from scoring.models import RuleSet
from scoring.rules.weights import RULE_SET


def rules_of(rule_set: RuleSet, type_ids: Sequence[int] | Ints) -> Rules:
    """The rules as arrays over `type_ids`; a type without a rule is worth nothing and still counts as a behaviour."""
    size = len(type_ids)
    rules = Rules(
        points=np.zeros(size),
        half_life_days=np.full(size, np.inf),
        expiry_days=np.full(size, np.inf),
        most=np.zeros(size),
        dimension=np.full(size, -1, np.int64),
        room=np.array([dimension.room for dimension in rule_set.dimensions.all()], np.float64),
        **_weights(rule_set, Rules),
    )
    place = {dimension.pk: d for d, dimension in enumerate(rule_set.dimensions.all())}
    index = {pk: k for k, pk in enumerate(type_ids)}
    for rule in rule_set.rules.all():
        if (k := index.get(rule.behaviour_type_id)) is None:
            continue
        rules.points[k] = rule.points
        rules.most[k] = rule.most
        rules.half_life_days[k] = rule.half_life_days or np.inf
        rules.expiry_days[k] = rule.expiry_days or np.inf
        rules.dimension[k] = place[rule.dimension_id]
    return rules


def influence_of(rule_set: RuleSet) -> Influence:
    """The network part; a role without a row weighs 0."""
    weights = {row.role: row.weight for row in rule_set.tie_weights.all()}
    return Influence(
        **_weights(rule_set, Influence),
        weight=np.array([weights.get(role, 0.0) for role in ROLES]),
    )


def _weights(rule_set: RuleSet, of: type[Rules | Influence]) -> dict[str, Any]:
    """The weights of the rule set that this part of the engine takes."""
    taken = {field.name for field in dataclasses.fields(of)}
    return {name: getattr(rule_set, name) for name in RULE_SET if name in taken}


def band_ids_of(rule_set: RuleSet, numbers: NDArray[np.int16]) -> NDArray[np.int32]:
    """The id of the band that holds each published score, in four bytes; lower edges are inclusive."""
    ranges = rule_set.band_ranges()
    lowest = np.array([span.lowest for span in ranges])
    ids = np.array([span.band.pk for span in ranges], np.int32)
    return ids[np.searchsorted(lowest, numbers, side="right") - 1]
