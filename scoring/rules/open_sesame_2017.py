"""The rule set "Open Sesame 2017": the essay's examples beside ordinary ones, as data.

The five dimensions and their shares are those reported for Sesame Credit, unofficially; every number below them is
ours. The network effect is the essay's premise; no published specification of a real score confirms it.
"""

from typing import NamedTuple

from citizens.enums import Context, TieKind
from scoring.engine.scale import FLOOR
from scoring.rules.terms import BandTerms, DimensionTerms, RuleTerms, Terms


class RuleSpec(NamedTuple):
    """One behaviour type and what it is worth.

    One event may sum up what happened on every day of a month, unless `plausible_most` says otherwise.
    """

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
    plausible_most: float = 31

    @property
    def terms(self) -> RuleTerms:
        return RuleTerms(self.key, self.dimension, self.points, self.most, self.half_life_days, self.expiry_days)


def _dimension(key: str, name: str, share: int) -> DimensionTerms:
    """A dimension with a share of the score in percent: its room is that share of 800 points, up and down together."""
    return DimensionTerms(key, name, room=share * 8.0, note=f"{share} %, reported, unofficial")


DIMENSIONS = (
    _dimension("credit_history", "Credit history", 35),
    _dimension("fulfilment", "Fulfilment capacity", 25),
    _dimension("behaviour", "Behaviour and preference", 20),
    _dimension("identity", "Identity", 15),
    _dimension("connections", "Connections", 5),
)

RULES = (
    RuleSpec("bill_paid_on_time", "Bill paid on time", Context.FINANCE, "credit_history", 3, 55, 365),
    RuleSpec("bill_paid_late", "Bill paid late", Context.FINANCE, "credit_history", -6, 70, 270, 730),
    RuleSpec("loan_repaid", "Loan repaid", Context.FINANCE, "credit_history", 24, 72, 730, plausible_most=5),
    RuleSpec(
        "loan_overdue",
        "Loan overdue",
        Context.FINANCE,
        "credit_history",
        -18,
        130,
        365,
        730,
        "month",
        plausible_most=24,
    ),
    RuleSpec("fine_unpaid", "Fine left unpaid", Context.CIVIC, "credit_history", -22, 66, 365, 730, plausible_most=20),
    RuleSpec("rental_returned", "Rental returned in order", Context.TRAVEL, "fulfilment", 5, 45, 365),
    RuleSpec(
        "rental_damaged", "Rental damaged or lost", Context.TRAVEL, "fulfilment", -25, 75, 365, 730, plausible_most=5
    ),
    RuleSpec(
        "salary_received", "Salary received", Context.WORK, "fulfilment", 4, 60, 240, None, "month", plausible_most=12
    ),
    RuleSpec("job_lost", "Job lost", Context.WORK, "fulfilment", -20, 40, 180, 540, plausible_most=1),
    RuleSpec(
        "rent_paid_on_time",
        "Rent paid on time",
        Context.HOUSING,
        "fulfilment",
        2.5,
        40,
        365,
        None,
        "month",
        plausible_most=12,
    ),
    RuleSpec(
        "rent_in_arrears",
        "Rent in arrears",
        Context.HOUSING,
        "fulfilment",
        -9,
        60,
        300,
        730,
        "month",
        plausible_most=24,
    ),
    RuleSpec("good_news_shared", "Shared good news about the economy", Context.ONLINE, "behaviour", 3, 30, 120),
    RuleSpec("political_comment", "Commented on political activism", Context.ONLINE, "behaviour", -12, 60, 240),
    RuleSpec("rumour_shared", "Shared a rumour", Context.ONLINE, "behaviour", -8, 40, 180),
    RuleSpec(
        "imported_product",
        "Bought an imported product",
        Context.SHOPPING,
        "behaviour",
        -2.5,
        30,
        180,
        plausible_most=200,
    ),
    RuleSpec(
        "domestic_product", "Bought a domestic product", Context.SHOPPING, "behaviour", 1, 25, 180, plausible_most=1000
    ),
    RuleSpec("nappies_bought", "Bought nappies", Context.SHOPPING, "behaviour", 2, 16, 180, plausible_most=100),
    RuleSpec(
        "video_games",
        "Played video games",
        Context.ONLINE,
        "behaviour",
        -0.15,
        36,
        90,
        None,
        "hour",
        plausible_most=744,
    ),
    RuleSpec("volunteering", "Volunteered", Context.CIVIC, "behaviour", 6, 48, 365, None, "day"),
    RuleSpec("blood_donated", "Gave blood", Context.CIVIC, "behaviour", 9, 36, 365, plausible_most=2),
    RuleSpec("identity_verified", "Identity verified", Context.IDENTITY, "identity", 35, 35, plausible_most=1),
    RuleSpec("address_confirmed", "Address confirmed", Context.HOUSING, "identity", 12, 24, 365, plausible_most=1),
    RuleSpec("degree_confirmed", "Degree confirmed", Context.IDENTITY, "identity", 20, 20, plausible_most=5),
    RuleSpec(
        "details_contradicted", "Details contradicted", Context.IDENTITY, "identity", -20, 60, 365, plausible_most=5
    ),
    RuleSpec(
        "peer_rating",
        "Rated by a peer",
        Context.SOCIAL,
        "connections",
        0.8,
        40,
        unit="point",
        amounts_below_zero=True,
        plausible_most=10,
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

TERMS = Terms(
    name="Open Sesame 2017",
    note="Dimensions, bands: reported for Sesame Credit, unofficially; the network effect is an essay's premise.",
    base=575.0,
    minimum_behaviours=5,
    drag=0.6,
    lift=0.3,
    theta_drag=600.0,
    theta_lift=680.0,
    cap=60.0,
    k0=1.5,
    # One person is enough, as in the essay. The page of a rule set says what that reveals.
    least_ties=1,
    tie_wait=30.0,
    dimensions=DIMENSIONS,
    rules=tuple(sorted((spec.terms for spec in RULES), key=lambda rule: rule.behaviour_type)),
    tie_weights=(
        (TieKind.PARTNER.value, 3.0),
        (TieKind.PARENT.value, 2.0),
        (TieKind.CHILD.value, 1.5),
        (TieKind.SIBLING.value, 1.5),
        (TieKind.FRIEND.value, 1.0),
        (TieKind.COLLEAGUE.value, 0.4),
        (TieKind.NEIGHBOUR.value, 0.3),
    ),
    bands=(
        BandTerms("poor", "Poor", FLOOR),
        BandTerms("fair", "Fair", 550),
        BandTerms("good", "Good", 600),
        BandTerms("excellent", "Excellent", 650),
        BandTerms("superb", "Superb", 700),
    ),
)
