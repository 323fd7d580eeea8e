"""The rule set "Open Sesame 2017": the essay's examples beside ordinary ones, as data.

The five dimensions and their shares are those reported for Sesame Credit, unofficially; every number below them is
ours. The network effect is the essay's premise; no published specification of a real score confirms it.
"""

import datetime as dt
from typing import NamedTuple

from django.db import transaction

from citizens.enums import Context, TieKind
from citizens.models import BehaviourType, User
from scoring.enums import RuleSetStatus
from scoring.models import Band, Dimension, Rule, RuleSet, TieWeight

REPORTED = "reported, unofficial"


class DimensionSpec(NamedTuple):
    """`share` of the score in percent; the room is that share of 800 points, up and down together."""

    key: str
    name: str
    share: int

    @property
    def room(self) -> float:
        return self.share * 8.0


class RuleSpec(NamedTuple):
    """One behaviour type and what it is worth."""

    key: str
    name: str
    context: Context
    dimension: str
    points: float
    most: float
    half_life_days: float | None = None
    expiry_days: float | None = None
    unit: str = "time"
    amounts_below_zero: bool = False


DIMENSIONS = (
    DimensionSpec("credit_history", "Credit history", 35),
    DimensionSpec("fulfilment", "Fulfilment capacity", 25),
    DimensionSpec("behaviour", "Behaviour and preference", 20),
    DimensionSpec("identity", "Identity", 15),
    DimensionSpec("connections", "Connections", 5),
)

RULES = (
    RuleSpec("bill_paid_on_time", "Bill paid on time", Context.FINANCE, "credit_history", 3, 55, 365),
    RuleSpec("bill_paid_late", "Bill paid late", Context.FINANCE, "credit_history", -6, 70, 270, 730),
    RuleSpec("loan_repaid", "Loan repaid", Context.FINANCE, "credit_history", 24, 72, 730),
    RuleSpec("loan_overdue", "Loan overdue", Context.FINANCE, "credit_history", -18, 130, 365, 730, "month"),
    RuleSpec("fine_unpaid", "Fine left unpaid", Context.CIVIC, "credit_history", -22, 66, 365, 730),
    RuleSpec("rental_returned", "Rental returned in order", Context.TRAVEL, "fulfilment", 5, 45, 365),
    RuleSpec("rental_damaged", "Rental damaged or lost", Context.TRAVEL, "fulfilment", -25, 75, 365, 730),
    RuleSpec("salary_received", "Salary received", Context.WORK, "fulfilment", 4, 60, 240, None, "month"),
    RuleSpec("job_lost", "Job lost", Context.WORK, "fulfilment", -20, 40, 180, 540),
    RuleSpec("rent_paid_on_time", "Rent paid on time", Context.HOUSING, "fulfilment", 2.5, 40, 365, None, "month"),
    RuleSpec("rent_in_arrears", "Rent in arrears", Context.HOUSING, "fulfilment", -9, 60, 300, 730, "month"),
    RuleSpec("good_news_shared", "Shared good news about the economy", Context.ONLINE, "behaviour", 3, 30, 120),
    RuleSpec("political_comment", "Commented on political activism", Context.ONLINE, "behaviour", -12, 60, 240),
    RuleSpec("rumour_shared", "Shared a rumour", Context.ONLINE, "behaviour", -8, 40, 180),
    RuleSpec("imported_product", "Bought an imported product", Context.SHOPPING, "behaviour", -2.5, 30, 180),
    RuleSpec("domestic_product", "Bought a domestic product", Context.SHOPPING, "behaviour", 1, 25, 180),
    RuleSpec("nappies_bought", "Bought nappies", Context.SHOPPING, "behaviour", 2, 16, 180),
    RuleSpec("video_games", "Played video games", Context.ONLINE, "behaviour", -0.15, 36, 90, None, "hour"),
    RuleSpec("volunteering", "Volunteered", Context.CIVIC, "behaviour", 6, 48, 365, None, "day"),
    RuleSpec("blood_donated", "Gave blood", Context.CIVIC, "behaviour", 9, 36, 365),
    RuleSpec("identity_verified", "Identity verified", Context.IDENTITY, "identity", 35, 35),
    RuleSpec("address_confirmed", "Address confirmed", Context.HOUSING, "identity", 12, 24, 365),
    RuleSpec("degree_confirmed", "Degree confirmed", Context.IDENTITY, "identity", 20, 20),
    RuleSpec("details_contradicted", "Details contradicted", Context.IDENTITY, "identity", -20, 60, 365),
    RuleSpec(
        "peer_rating", "Rated by a peer", Context.SOCIAL, "connections", 0.8, 40, unit="point", amounts_below_zero=True
    ),
    RuleSpec("parents_visited", "Visited one's parents", Context.FAMILY, "connections", 2, 20, 180),
    RuleSpec(
        "invitation_ignored",
        "Ignored a summons to the neighbourhood meeting",
        Context.SOCIAL,
        "connections",
        -4,
        20,
        180,
    ),
)

TIE_WEIGHTS = {
    TieKind.PARTNER: 3.0,
    TieKind.PARENT: 2.0,
    TieKind.CHILD: 1.5,
    TieKind.SIBLING: 1.5,
    TieKind.FRIEND: 1.0,
    TieKind.COLLEAGUE: 0.4,
    TieKind.NEIGHBOUR: 0.3,
}

BANDS = (
    ("poor", "Poor", 350),
    ("fair", "Fair", 550),
    ("good", "Good", 600),
    ("excellent", "Excellent", 650),
    ("superb", "Superb", 700),
)

WEIGHTS = {
    "base": 575,
    "minimum_behaviours": 5,
    "drag": 0.6,
    "lift": 0.3,
    "theta_drag": 600,
    "theta_lift": 680,
    "cap": 60,
    "k0": 1.5,
}


def behaviour_types() -> dict[str, BehaviourType]:
    """The behaviour types the rules speak of, made where they are missing."""
    for spec in RULES:
        defaults = {part: getattr(spec, part) for part in ("name", "context", "unit", "amounts_below_zero")}
        BehaviourType.objects.get_or_create(key=spec.key, defaults=defaults)
    return {row.key: row for row in BehaviourType.objects.filter(key__in=[spec.key for spec in RULES])}


@transaction.atomic
def create(*, author: User | None, publisher: User | None, published_at: dt.datetime) -> RuleSet:
    """Writes the rule set as a draft and takes it to published; without people it is the installation's."""
    types = behaviour_types()
    rule_set = RuleSet.objects.create(
        version=1,
        name="Open Sesame 2017",
        note="Dimensions, bands: reported for Sesame Credit, unofficially; the network effect is an essay's premise.",
        author=author,
        created_at=published_at,
        **WEIGHTS,
    )
    dimensions = {
        spec.key: Dimension(
            rule_set=rule_set, key=spec.key, name=spec.name, room=spec.room, position=position,
            note=f"{spec.share} %, {REPORTED}",
        )
        for position, spec in enumerate(DIMENSIONS)
    }  # fmt: skip
    Dimension.objects.bulk_create(dimensions.values())
    Rule.objects.bulk_create(
        Rule(
            rule_set=rule_set, dimension=dimensions[spec.dimension], behaviour_type=types[spec.key], points=spec.points,
            most=spec.most, half_life_days=spec.half_life_days, expiry_days=spec.expiry_days,
        )
        for spec in RULES
    )  # fmt: skip
    TieWeight.objects.bulk_create(TieWeight(rule_set=rule_set, role=k, weight=w) for k, w in TIE_WEIGHTS.items())
    Band.objects.bulk_create(Band(rule_set=rule_set, key=key, name=name, lower=lower) for key, name, lower in BANDS)
    rule_set.status, rule_set.submitted_at = RuleSetStatus.IN_REVIEW, published_at
    rule_set.save(update_fields=["status", "submitted_at"])
    rule_set.status, rule_set.published_by, rule_set.published_at = RuleSetStatus.PUBLISHED, publisher, published_at
    rule_set.save(update_fields=["status", "published_by", "published_at"])
    return rule_set
