"""Why the terms of a rule set are refused, for the forms, the actions and the command line alike."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from citizens.enums import TieKind
from citizens.models import BehaviourType
from scoring.engine.scale import FLOOR
from scoring.models import RuleSet
from scoring.rules.table import Table
from scoring.rules.terms import Terms, terms_of
from scoring.rules.weights import BAND, DIMENSION, RULE, RULE_SET, TIE
from sesame_site.kit.pages.numbers import number

Problem = tuple[str, str]


def threshold_problem(theta_drag: float, theta_lift: float) -> str | None:
    """Why two thresholds do not go together; None when they do."""
    if theta_drag <= theta_lift:
        return None
    return _(
        "The drag threshold (%(drag)s) is above the lift threshold (%(lift)s): "
        "one person would drag and lift at the same time."
    ) % {"drag": number(theta_drag), "lift": number(theta_lift)}


def band_problems(lowers: list[int]) -> dict[int | None, str]:
    """Reasons by position in `lowers`; None is the place of a reason about the bands together."""
    if not lowers:
        return {None: _("A rule set needs at least one band.")}
    first_at: dict[int, int] = {}
    problems: dict[int | None, str] = {}
    for position, lower in enumerate(lowers):
        if first_at.setdefault(lower, position) != position:
            problems[position] = _(
                "Two bands start at %(lower)s: they would overlap. Give each its own lower edge."
            ) % {"lower": lower}
    lowest = min(lowers)
    if lowest != FLOOR:
        problems[lowers.index(lowest)] = _(
            "The lowest band starts at %(lowest)s and must start at %(floor)s: otherwise the bands leave a gap."
        ) % {"lowest": lowest, "floor": FLOOR}
    return problems


def problems_of(rule_set: RuleSet) -> list[Problem]:
    """Every (field, reason) for which this rule set is refused; empty when it can be used."""
    return problems_in(terms_of(rule_set))


def problems_in(terms: Terms) -> list[Problem]:
    """Every (field, reason) for which these terms are refused. One query, for the known behaviour types."""
    return [*_own_problems(terms), *_dimension_problems(terms), *_rule_problems(terms), *_tie_problems(terms),
            *_band_problems(terms)]  # fmt: skip


def _out_of_range(table: Table, part: Any, place: str = "") -> Iterator[Problem]:
    """The weights of one part that are outside their limits."""
    for name, weight in table.items():
        if reason := weight.problem(getattr(part, name)):
            yield f"{place}{name}", reason


def _own_problems(terms: Terms) -> Iterator[Problem]:
    if not terms.name.strip():
        yield "name", _("A rule set needs a name.")
    yield from _out_of_range(RULE_SET, terms)
    if reason := threshold_problem(terms.theta_drag, terms.theta_lift):
        yield "theta_drag", reason


def _dimension_problems(terms: Terms) -> Iterator[Problem]:
    for key, times in Counter(dimension.key for dimension in terms.dimensions).items():
        if times > 1:
            yield f"dimensions.{key}", _("There are two dimensions of this name.")
    for dimension in terms.dimensions:
        yield from _out_of_range(DIMENSION, dimension, f"dimensions.{dimension.key}.")


def _rule_problems(terms: Terms) -> Iterator[Problem]:
    known = set(BehaviourType.objects.values_list("key", flat=True))
    dimensions = {dimension.key for dimension in terms.dimensions}
    times = Counter(rule.behaviour_type for rule in terms.rules)
    for rule in terms.rules:
        place = f"rules.{rule.behaviour_type}."
        if rule.behaviour_type not in known:
            yield f"{place}behaviour_type", _("There is no behaviour type “%(key)s”.") % {"key": rule.behaviour_type}
        if times[rule.behaviour_type] > 1:
            yield f"{place}behaviour_type", _("This behaviour type has two rules.")
        if rule.dimension not in dimensions:
            yield f"{place}dimension", _("This rule set has no dimension “%(key)s”.") % {"key": rule.dimension}
        yield from _out_of_range(RULE, rule, place)


def _tie_problems(terms: Terms) -> Iterator[Problem]:
    for role, weight in terms.tie_weights:
        if role not in TieKind.values:
            yield f"tie_weights.{role}", _("There is no tie of kind “%(kind)s”.") % {"kind": role}
        elif reason := TIE["weight"].problem(weight):
            yield f"tie_weights.{role}", reason


def _band_problems(terms: Terms) -> Iterator[Problem]:
    for key, times in Counter(band.key for band in terms.bands).items():
        if times > 1:
            yield f"bands.{key}", _("There are two bands of this name.")
    for band in terms.bands:
        yield from _out_of_range(BAND, band, f"bands.{band.key}.")
    for position, reason in band_problems([band.lower for band in terms.bands]).items():
        yield ("bands" if position is None else f"bands.{terms.bands[position].key}.lower"), reason
