"""From the rows of a rule set to the arrays of the engine."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.engine.arrays import Ints
from scoring.engine.model import ROLES, Influence, Rules
from scoring.models import RuleSet


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
        base=rule_set.base,
        minimum_behaviours=rule_set.minimum_behaviours,
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
        drag=rule_set.drag,
        lift=rule_set.lift,
        theta_drag=rule_set.theta_drag,
        theta_lift=rule_set.theta_lift,
        cap=rule_set.cap,
        k0=rule_set.k0,
        weight=np.array([weights.get(role, 0.0) for role in ROLES]),
    )


def band_ids_of(rule_set: RuleSet, numbers: NDArray[np.int16]) -> Ints:
    """The id of the band that holds each published score; lower edges are inclusive."""
    ranges = rule_set.band_ranges()
    lowest = np.array([span.lowest for span in ranges])
    ids = np.array([span.band.pk for span in ranges], np.int64)
    return ids[np.searchsorted(lowest, numbers, side="right") - 1]
