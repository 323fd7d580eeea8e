"""What differs between two rule sets, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from citizens.enums import TieKind
from citizens.models import BehaviourType
from scoring.models import RuleSet
from scoring.rules.table import Table
from scoring.rules.terms import Terms, terms_of
from scoring.rules.weights import BAND, DIMENSION, RULE, RULE_SET, TIE


@dataclass(frozen=True)
class Difference:
    """One weight that is not the same; None where it does not exist on that side."""

    part: str
    name: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        facts = {"part": self.part, "name": self.name, "old": self.old, "new": self.new}
        if self.old is None:
            return _("%(part)s, %(name)s: %(new)s (new)") % facts
        if self.new is None:
            return _("%(part)s, %(name)s: %(old)s (removed)") % facts
        return _("%(part)s, %(name)s: %(old)s → %(new)s") % facts


def differences(old: RuleSet, new: RuleSet) -> list[Difference]:
    """Every weight of `new` that differs from `old`, in the order of a rule set's page."""
    return differences_of_terms(terms_of(old), terms_of(new))


def differences_of_terms(old: Terms, new: Terms, names: dict[str, str] | None = None) -> list[Difference]:
    """The same for terms. One query, unless the names of behaviour types by their keys are given."""
    names = names or dict(BehaviourType.objects.values_list("key", "name"))
    before, after = dict(_lines(old, names)), dict(_lines(new, names))
    return [
        Difference(*place, before.get(place), after.get(place))
        for place in [*before, *(place for place in after if place not in before)]
        if before.get(place) != after.get(place)
    ]


Line = tuple[tuple[str, str], str]


def _lines(terms: Terms, names: dict[str, str]) -> Iterator[Line]:
    """((part, name), value in words) for everything in the terms."""
    part = _("Rule set")
    yield (part, _("Name")), terms.name
    yield (part, _("Note")), terms.note
    yield from _weights(RULE_SET, part, terms)
    dimension_names = {dimension.key: dimension.name for dimension in terms.dimensions}
    for dimension in terms.dimensions:
        yield from _weights(DIMENSION, _("Dimension %(name)s") % {"name": dimension.name}, dimension)
    for rule in terms.rules:
        part = _("Rule %(name)s") % {"name": names.get(rule.behaviour_type, rule.behaviour_type)}
        yield (part, _("Dimension")), dimension_names.get(rule.dimension, rule.dimension)
        yield from _weights(RULE, part, rule)
    for role, weight in terms.tie_weights:
        yield (_("Tie weights"), str(TieKind(role).label)), TIE["weight"].in_words(weight)
    for band in terms.bands:
        yield from _weights(BAND, _("Band %(name)s") % {"name": band.name}, band)


def _weights(table: Table, part: str, values: Any) -> Iterator[Line]:
    for name, weight in table.items():
        yield (part, str(weight.label)), weight.in_words(getattr(values, name))
