"""What a table of weights is made of: each number's name, words, unit and limit. It knows no models."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import CheckConstraint, Q
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sesame_site.kit.pages.numbers import number, signed

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"
PLACES = 10


class Unit(Enum):
    """What a number counts."""

    NUMBER = "number"
    POINTS = "points"
    SIGNED_POINTS = "signed points"
    DAYS = "days"

    def in_words(self, value: float) -> str:
        """The number with its unit, such as “60 points” or “0.2”."""
        shown = signed(value, PLACES) if self is Unit.SIGNED_POINTS else number(value, PLACES)
        count = 1 if value == 1 else 2
        if self is Unit.POINTS:
            return ngettext("%(number)s point", "%(number)s points", count) % {"number": shown}
        if self is Unit.DAYS:
            return ngettext("%(number)s day", "%(number)s days", count) % {"number": shown}
        return shown


@dataclass(frozen=True, slots=True)
class Limit:
    """The numbers from `low` to `high`, without `high` itself where `below_high` is set."""

    low: float
    high: float
    below_high: bool = False

    def admits(self, value: float) -> bool:
        """Whether the number is within the limit. Not-a-number and infinity never are."""
        under = value < self.high if self.below_high else value <= self.high
        return math.isfinite(value) and value >= self.low and under

    def condition(self, name: str) -> Q:
        """The same for a column of the database."""
        return Q(**{f"{name}__gte": self.low, f"{name}__{'lt' if self.below_high else 'lte'}": self.high})


@dataclass(frozen=True, slots=True)
class Weight:
    """One number of a rule set, or of a part of it.

    `name` is that of the model's field, `label` and `help` are what people read. `whole` numbers have no decimals.
    `default` is what a new row has. `without` is what having no value means; where it is empty, there must be one.
    """

    name: str
    label: Words
    help: Words
    limit: Limit
    unit: Unit = Unit.NUMBER
    whole: bool = False
    default: float | None = None
    without: Words = ""

    @property
    def heading(self) -> str:
        """The label of a box or column for bare numbers, which says if they are days."""
        if self.unit is Unit.DAYS:
            return _("%(weight)s in days") % {"weight": self.label}
        return str(self.label)

    @property
    def optional(self) -> bool:
        return bool(self.without)

    def problem(self, value: float | None) -> str | None:
        """Why the value is refused, as a sentence; None when it is not."""
        if value is None:
            return None if self.optional else self.reason()
        return None if self.limit.admits(value) else self.reason()

    def reason(self) -> str:
        """The sentence that refuses a value outside the limit."""
        return self._sentence() % {
            "weight": self.label,
            "low": number(self.limit.low),
            "high": number(self.limit.high),
        }

    def _sentence(self) -> str:
        if self.limit.below_high:
            return _(
                "“%(weight)s” must be %(low)s or more and less than %(high)s: "
                "at %(high)s scores could feed on each other without end."
            )
        if self.unit is Unit.DAYS:
            return _("“%(weight)s” must be from %(low)s to %(high)s days (100 years).")
        return _("“%(weight)s” must be from %(low)s to %(high)s.")

    def in_words(self, value: float | None) -> str:
        """The value as people read it, with its unit; where there is none, what that means."""
        return str(self.without) if value is None else self.unit.in_words(value)

    def constraint(self, name: str) -> CheckConstraint:
        """What holds the limit in the database, under this name, and refuses in words."""
        condition = self.limit.condition(self.name)
        if self.optional:
            condition |= Q(**{f"{self.name}__isnull": True})
        return CheckConstraint(condition=condition, name=name, violation_error_message=lazy(self.reason, str)())


class Table(dict[str, Weight]):
    """Weights by name, in the order in which people read them."""

    def __init__(self, *weights: Weight) -> None:
        super().__init__((weight.name, weight) for weight in weights)

    def constraints(self, prefix: str) -> Iterable[CheckConstraint]:
        """One constraint for each weight, named after the prefix and the weight."""
        return [weight.constraint(f"{prefix}_{name}_in_range") for name, weight in self.items()]
