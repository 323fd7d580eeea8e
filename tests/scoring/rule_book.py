"""Rule sets and administrators for the tests of the console, and what its pages say."""

from typing import Any

from citizens.enums import Context
from citizens.models import BehaviourType, User
from scoring.actions import rule_sets as actions
from scoring.models import RuleSet
from scoring.rules.terms import BandTerms, DimensionTerms, RuleTerms, Terms
from tests import cast

KINDS = {
    "bill_paid_on_time": ("Bill paid on time", Context.FINANCE),
    "loan_overdue": ("Loan overdue", Context.FINANCE),
    "volunteering": ("Volunteering", Context.CIVIC),
}
ROLES = ("partner", "parent", "child", "sibling", "friend", "colleague", "neighbour")
TERMS = Terms(
    name="Small town",
    note="",
    base=550.0,
    minimum_behaviours=1,
    drag=0.2,
    lift=0.1,
    theta_drag=600.0,
    theta_lift=700.0,
    cap=60.0,
    k0=1.0,
    least_ties=1,
    tie_wait=0.0,
    dimensions=(DimensionTerms("money", "Money", 200.0), DimensionTerms("deeds", "Deeds", 150.0)),
    rules=(
        RuleTerms("bill_paid_on_time", "money", 10.0, 100.0, 365.0, 730.0),
        RuleTerms("loan_overdue", "money", -40.0, 200.0, None, 1825.0),
    ),
    tie_weights=tuple((role, 1.0) for role in ROLES),
    bands=(BandTerms("poor", "Poor", 350), BandTerms("fair", "Fair", 550), BandTerms("good", "Good", 650)),
)


def administrator(name: str) -> User:
    return cast.account(name, is_staff=True)


def behaviour_types() -> dict[str, BehaviourType]:
    for key, (name, context) in KINDS.items():
        BehaviourType.objects.get_or_create(key=key, defaults={"name": name, "context": context})
    return BehaviourType.objects.in_bulk(field_name="key")


def published(*, author: User, publisher: User, terms: Terms = TERMS) -> RuleSet:
    """A published rule set, through the actions that everybody uses."""
    behaviour_types()
    draft = RuleSet.objects.create(version=1, name="x", author=author)
    actions.edit_draft(acting_user=author, rule_set=draft, terms=terms)
    actions.submit_rule_set(acting_user=author, rule_set=draft)
    return actions.publish_rule_set(acting_user=publisher, rule_set=draft)


def typed(terms: Terms = TERMS, **changes: Any) -> dict[str, Any]:
    """What a browser sends for the draft form holding `terms`, with some entries replaced."""
    data: dict[str, Any] = {f"own-{name}": getattr(terms, name) for name in ("name", "note", *terms.numbers)}
    data |= {f"ties-{role}": weight for role, weight in terms.tie_weights}
    rows: list[tuple[str, tuple[Any, ...], tuple[str, ...]]] = [
        ("dimensions", terms.dimensions, ("key", "room")),
        ("rules", terms.rules, ("behaviour_type", "dimension", "points", "most", "half_life_days", "expiry_days")),
        ("bands", terms.bands, ("key", "name", "lower")),
    ]
    for prefix, parts, fields in rows:
        extra = {"rules": 2, "bands": 1}.get(prefix, 0)
        data |= {f"{prefix}-TOTAL_FORMS": len(parts) + extra, f"{prefix}-INITIAL_FORMS": len(parts)}
        for row, part in enumerate(parts):
            for field in fields:
                value = getattr(part, field)
                data[f"{prefix}-{row}-{field}"] = "" if value is None else value
    return data | {name.replace("__", "-"): value for name, value in changes.items()}
