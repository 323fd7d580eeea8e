"""What a rule set must keep, said once for the forms, the actions and the command line."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from citizens.enums import TieKind
from citizens.models import BehaviourType
from scoring.engine.scale import CEILING, FLOOR, SPAN
from scoring.models import RuleSet
from scoring.rules.terms import Terms, terms_of
from sesame_site.kit.pages.numbers import number

Problem = tuple[str, str]
DAYS = 36_525
SHORTEST = 0.01  # a quarter of an hour; below it nothing that is furnished by the day would count


@dataclass(frozen=True)
class Limit:
    """A closed range, open at its upper end where it says so, and the words for a value outside it."""

    low: float
    high: float
    reason: str
    below_high: bool = False

    def problem(self, value: float) -> str | None:
        """Why `value` is refused; None when it is not. Not-a-number is outside every range."""
        over = value >= self.low
        under = value < self.high if self.below_high else value <= self.high
        return None if over and under and math.isfinite(value) else self.reason


def _span(low: float, high: float, what: str) -> Limit:
    return Limit(low, high, f"{what} must be from {number(low)} to {number(high)}.")


def _share(what: str) -> Limit:
    reason = f"{what} must be 0 or more and less than 1: at 1 scores could feed on each other without end."
    return Limit(0, 1, reason, below_high=True)


def _days(what: str) -> Limit:
    return Limit(SHORTEST, DAYS, f"{what} must be from {number(SHORTEST)} to {number(DAYS)} days (100 years).")


RULE_SET_LIMITS = {
    "base": _span(FLOOR, CEILING, "The base"),
    "minimum_behaviours": _span(0, 1_000_000, "The minimum of behaviours"),
    "drag": _share("Drag"),
    "lift": _share("Lift"),
    # Beyond these everybody would drag, or lift, whatever their score.
    "theta_drag": _span(0, CEILING, "The drag threshold"),
    "theta_lift": _span(FLOOR, 10_000, "The lift threshold"),
    "cap": _span(0, SPAN, "The network cap"),
    "k0": _span(0, 1_000_000, "The shield"),
}
DIMENSION_LIMITS = {"room": _span(0, SPAN, "The room of a dimension")}
RULE_LIMITS = {
    "points": _span(-1_000_000, 1_000_000, "Points"),
    "most": _span(0, SPAN, "The most a rule can give or take"),
    "half_life_days": _days("The half-life"),
    "expiry_days": _days("The expiry"),
}
TIE_WEIGHT_LIMIT = _span(0, 1000, "The weight of a tie")
BAND_LIMIT = _span(FLOOR, CEILING, "The lower edge of a band")


def threshold_problem(theta_drag: float, theta_lift: float) -> str | None:
    """Why two thresholds do not go together; None when they do."""
    if theta_drag <= theta_lift:
        return None
    return (
        f"The drag threshold ({number(theta_drag)}) is above the lift threshold ({number(theta_lift)}): "
        "one person would drag and lift at the same time."
    )


def band_problems(lowers: list[int]) -> dict[int | None, str]:
    """Reasons by position in `lowers`; None is the place of a reason about the bands together."""
    if not lowers:
        return {None: "A rule set needs at least one band."}
    first_at: dict[int, int] = {}
    problems: dict[int | None, str] = {}
    for position, lower in enumerate(lowers):
        if first_at.setdefault(lower, position) != position:
            problems[position] = f"Two bands start at {lower}: they would overlap. Give each its own lower edge."
    lowest = min(lowers)
    if lowest != FLOOR:
        problems[lowers.index(lowest)] = (
            f"The lowest band starts at {lowest} and must start at {FLOOR}: otherwise the bands leave a gap."
        )
    return problems


def problems_of(rule_set: RuleSet) -> list[Problem]:
    """Every (field, reason) for which this rule set is refused; empty when it can be used."""
    return problems_in(terms_of(rule_set))


def problems_in(terms: Terms) -> list[Problem]:
    """Every (field, reason) for which these terms are refused. One query, for the known behaviour types."""
    return [*_own_problems(terms), *_dimension_problems(terms), *_rule_problems(terms), *_tie_problems(terms),
            *_band_problems(terms)]  # fmt: skip


def _own_problems(terms: Terms) -> Iterator[Problem]:
    if not terms.name.strip():
        yield "name", "A rule set needs a name."
    for field, value in terms.numbers.items():
        if reason := RULE_SET_LIMITS[field].problem(value):
            yield field, reason
    if reason := threshold_problem(terms.theta_drag, terms.theta_lift):
        yield "theta_drag", reason


def _dimension_problems(terms: Terms) -> Iterator[Problem]:
    for key, times in Counter(dimension.key for dimension in terms.dimensions).items():
        if times > 1:
            yield f"dimensions.{key}", "There are two dimensions of this name."
    for dimension in terms.dimensions:
        if reason := DIMENSION_LIMITS["room"].problem(dimension.room):
            yield f"dimensions.{dimension.key}.room", reason


def _rule_problems(terms: Terms) -> Iterator[Problem]:
    known = set(BehaviourType.objects.values_list("key", flat=True))
    dimensions = {dimension.key for dimension in terms.dimensions}
    times = Counter(rule.behaviour_type for rule in terms.rules)
    for rule in terms.rules:
        place = f"rules.{rule.behaviour_type}"
        if rule.behaviour_type not in known:
            yield f"{place}.behaviour_type", f"There is no behaviour type “{rule.behaviour_type}”."
        if times[rule.behaviour_type] > 1:
            yield f"{place}.behaviour_type", "This behaviour type has two rules."
        if rule.dimension not in dimensions:
            yield f"{place}.dimension", f"This rule set has no dimension “{rule.dimension}”."
        for field, limit in RULE_LIMITS.items():
            value = getattr(rule, field)
            if value is not None and (reason := limit.problem(value)):
                yield f"{place}.{field}", reason


def _tie_problems(terms: Terms) -> Iterator[Problem]:
    for role, weight in terms.tie_weights:
        if role not in TieKind.values:
            yield f"tie_weights.{role}", f"There is no tie of kind “{role}”."
        elif reason := TIE_WEIGHT_LIMIT.problem(weight):
            yield f"tie_weights.{role}", reason


def _band_problems(terms: Terms) -> Iterator[Problem]:
    for key, times in Counter(band.key for band in terms.bands).items():
        if times > 1:
            yield f"bands.{key}", "There are two bands of this name."
    for band in terms.bands:
        if reason := BAND_LIMIT.problem(band.lower):
            yield f"bands.{band.key}.lower", reason
    for position, reason in band_problems([band.lower for band in terms.bands]).items():
        yield ("bands" if position is None else f"bands.{terms.bands[position].key}.lower"), reason
