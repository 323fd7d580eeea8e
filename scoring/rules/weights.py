"""The one table of what a rule set weighs with: each number's name, words, unit and limit.

Models, forms, validation, differences, REST and pages are drawn from it. A new weight is one row here and one field
of the model.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import CheckConstraint, Q
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.engine.scale import CEILING, FLOOR, SPAN
from sesame_site.kit.pages.numbers import number, signed
from sesame_site.kit.pages.sentences import filled

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"
# The shortest span of days is a quarter of an hour: below it nothing that is furnished by the day would count.
SHORTEST_DAYS, LONGEST_DAYS = 0.01, 36_525
HEAVIEST_TIE = 1000
MILLION = 1_000_000
PLACES = 10


def on_the_scale(sentence: Words) -> Words:
    """A sentence with “%(low)s” and “%(high)s” replaced by the ends of the scale of scores when it is shown."""
    return filled(sentence, low=FLOOR, high=CEILING)


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


OWN = Table(
    Weight(
        "base",
        gettext_lazy("Base"),
        gettext_lazy("The score at which everybody starts."),
        Limit(FLOOR, CEILING),
        Unit.POINTS,
        default=550,
    ),
    Weight(
        "minimum_behaviours",
        gettext_lazy("Fewest behaviours"),
        gettext_lazy("Citizens with fewer behaviours than this stay unscored."),
        Limit(0, MILLION),
        whole=True,
        default=1,
    ),
)
NETWORK = Table(
    Weight(
        "drag",
        gettext_lazy("Drag"),
        gettext_lazy(
            "The share of a low scorer's distance below the drag threshold that is taken from those they know."
        ),
        Limit(0, 1, below_high=True),
        default=0.2,
    ),
    Weight(
        "lift",
        gettext_lazy("Lift"),
        gettext_lazy(
            "The share of a high scorer's distance above the lift threshold that is given to those they know."
        ),
        Limit(0, 1, below_high=True),
        default=0.1,
    ),
    # Beyond the two limits that follow, everybody would drag, or lift, whatever their score.
    Weight(
        "theta_drag",
        gettext_lazy("Drag threshold"),
        gettext_lazy("A person with a score below this drags others down."),
        Limit(0, CEILING),
        Unit.POINTS,
        default=600,
    ),
    Weight(
        "theta_lift",
        gettext_lazy("Lift threshold"),
        gettext_lazy("A person with a score above this lifts others up."),
        Limit(FLOOR, 10_000),
        Unit.POINTS,
        default=700,
    ),
    Weight(
        "cap",
        gettext_lazy("Network cap"),
        gettext_lazy("The most that all ties together can give to a score or take from it."),
        Limit(0, SPAN),
        Unit.POINTS,
        default=60,
    ),
    Weight(
        "k0",
        gettext_lazy("Shield"),
        gettext_lazy(
            "Protects people with few ties. The shield weighs like so many ties to people who neither drag nor lift; "
            "0 protects nobody."
        ),
        Limit(0, MILLION),
        default=1.0,
    ),
)
RULE_SET = Table(*OWN.values(), *NETWORK.values())
DIMENSION = Table(
    Weight(
        "room",
        gettext_lazy("Room"),
        gettext_lazy("The most that all rules of a dimension together can give to a score or take from it."),
        Limit(0, SPAN),
        Unit.POINTS,
    ),
)
RULE = Table(
    Weight(
        "points",
        gettext_lazy("Points"),
        gettext_lazy("What one unit of the behaviour gives, or takes where it is below 0."),
        Limit(-MILLION, MILLION),
        Unit.SIGNED_POINTS,
    ),
    Weight(
        "most",
        gettext_lazy("Most"),
        gettext_lazy("The most that this rule alone can give to a score or take from it."),
        Limit(0, SPAN),
        Unit.POINTS,
    ),
    Weight(
        "half_life_days",
        gettext_lazy("Half-life"),
        gettext_lazy("Days until a behaviour counts half as much; empty if it never fades."),
        Limit(SHORTEST_DAYS, LONGEST_DAYS),
        Unit.DAYS,
        without=gettext_lazy("never fades"),
    ),
    Weight(
        "expiry_days",
        gettext_lazy("Expiry"),
        gettext_lazy("Days until a behaviour is forgotten; empty if it never is."),
        Limit(SHORTEST_DAYS, LONGEST_DAYS),
        Unit.DAYS,
        without=gettext_lazy("never forgotten"),
    ),
)
TIE = Table(
    Weight(
        "weight",
        gettext_lazy("Weight of a tie"),
        gettext_lazy("How much such a person counts for the citizen; 0 means not at all."),
        Limit(0, HEAVIEST_TIE),
        default=1.0,
    ),
)
BAND = Table(
    Weight(
        "lower",
        gettext_lazy("Lower edge"),
        gettext_lazy("The lowest score of the band, which reaches up to the lower edge of the next one."),
        Limit(FLOOR, CEILING),
        whole=True,
    ),
)
