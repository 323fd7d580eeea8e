"""The one table of what a rule set weighs with: each number's name, words, unit and limit.

Models, forms, validation, differences, REST and pages are drawn from it. A new weight is one row here and one field
of the model.
"""

from django.utils.translation import gettext_lazy

from scoring.engine.scale import CEILING, FLOOR, SPAN
from scoring.rules.table import Limit, Table, Unit, Weight

# The shortest span of days is a quarter of an hour: below it nothing that is furnished by the day would count.
SHORTEST_DAYS, LONGEST_DAYS = 0.01, 36_525
HEAVIEST_TIE = 1000
THOUSAND = 1_000
MILLION = 1_000_000

# What fewer people do to a score together would tell what one of them does.
FEWEST_PEOPLE_THAT_HIDE_EACH_OTHER = 5

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
        gettext_lazy("Citizens with fewer behaviours than this, not counting those of amount 0, stay unscored."),
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
    Weight(
        "least_ties",
        gettext_lazy("Fewest people"),
        gettext_lazy(
            "The network counts for a citizen only with at least so many scored people. "
            "With fewer than 5, citizens can work out the scores of people they know from their own."
        ),
        Limit(1, THOUSAND),
        whole=True,
        default=FEWEST_PEOPLE_THAT_HIDE_EACH_OTHER,
    ),
    Weight(
        "tie_wait",
        gettext_lazy("Wait of a tie"),
        gettext_lazy("Days until a new tie counts. A tie that is imported without a date counts at once."),
        Limit(0, LONGEST_DAYS),
        Unit.DAYS,
        default=30,
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
