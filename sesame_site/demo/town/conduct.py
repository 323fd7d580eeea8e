"""What people do over two years, month by month, out of what they are like and what happens to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sesame_site.demo.town.people import ADULT, BO, JUN, JUNS_PARTNER, MEI, People

MONTHS = 24
DAYS = 730

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Conduct:
    """One row per behaviour: who, type key index into `keys`, days before now, amount."""

    keys: list[str]
    citizen: Ints
    kind: Ints
    days_ago: Floats
    amount: Floats


SOURCE_OF = {
    "bank": ("bill_paid_on_time", "bill_paid_late", "loan_repaid", "loan_overdue", "salary_received"),
    "rentals": ("rental_returned", "rental_damaged"),
    "housing-office": ("rent_paid_on_time", "rent_in_arrears", "address_confirmed"),
    "marketplace": ("imported_product", "domestic_product", "nappies_bought"),
    "social-network": ("good_news_shared", "political_comment", "rumour_shared", "invitation_ignored",
                       "parents_visited"),
    "game-platform": ("video_games",),
    "town-hall": ("fine_unpaid", "volunteering", "blood_donated", "identity_verified", "degree_confirmed",
                  "details_contradicted", "job_lost"),
}  # fmt: skip


def live(people: People, rng: np.random.Generator) -> Conduct:
    """Two years of everybody's behaviours. Children do nothing that is observed."""
    n = len(people)
    adult = people.age >= ADULT
    luck = _luck(people, rng)
    reliable = people.reliable[:, None] + luck
    means = people.means[:, None] + luck
    online = np.repeat(people.online[:, None], MONTHS, axis=1)
    employed = (people.age < 66)[:, None] & (means > -1.3)
    rates = {
        "bill_paid_on_time": 0.7 * _chance(1.2 + 1.4 * reliable),
        "bill_paid_late": 0.55 * _chance(-1.6 - 1.5 * reliable),
        "loan_repaid": 0.03 * _chance(1.5 * reliable),
        "loan_overdue": 0.5 * _chance(-3.0 - 1.9 * reliable - 0.8 * means),
        "fine_unpaid": 0.06 * _chance(-1.5 - 1.2 * reliable),
        "rental_returned": 0.15 * _chance(0.8 * reliable + 0.4),
        "rental_damaged": 0.02 * _chance(-1.2 * reliable),
        "salary_received": 0.9 * employed,
        "rent_paid_on_time": 0.6 * _chance(1 + means + reliable),
        "rent_in_arrears": 0.4 * _chance(-2.8 - 1.5 * means - reliable),
        "good_news_shared": 0.5 * _chance(online - 1),
        "political_comment": 0.15 * _chance(online - 1.5 - 0.3 * reliable),
        "rumour_shared": 0.2 * _chance(online - 1.5 - 0.7 * reliable),
        "imported_product": 0.4 * _chance(0.8 * means - 0.8),
        "domestic_product": 0.6 * _chance(0.3 * reliable),
        "nappies_bought": 0.5 * _chance(np.repeat((_has_infant(people) * 6.0 - 4)[:, None], MONTHS, axis=1)),
        "video_games": 0.8 * _chance(-0.9 * reliable - 0.04 * (people.age - 30)[:, None]),
        "volunteering": 0.12 * _chance(1.2 * reliable - 0.8),
        "blood_donated": 0.05 * _chance(reliable - 0.3),
        "invitation_ignored": 0.1 * _chance(-reliable - 0.5),
        "parents_visited": 0.3 * _chance(0.5 * reliable),
        "address_confirmed": np.full((n, MONTHS), 0.04),
        "details_contradicted": 0.02 * _chance(-1.5 * reliable - 0.5),
    }
    keys = [*rates, "identity_verified", "degree_confirmed", "job_lost"]
    rows = [_monthly(k, rate * adult[:, None], rng) for k, rate in enumerate(rates.values())]
    once = len(rates)
    verified, educated = rng.random(n) < 0.75, people.means + rng.normal(size=n) > 0.6
    verified[[MEI, JUN]] = educated[MEI] = True
    rows.append(_once(once, adult & verified, rng))
    rows.append(_once(once + 1, adult & educated, rng))
    rows.append(_falls(once + 2, np.where(adult[:, None], employed[:, :-1] & ~employed[:, 1:], False), rng))
    citizen, kind, days_ago = (np.concatenate([row[side] for row in rows]) for side in range(3))
    amount = np.where(kind == keys.index("video_games"), np.round(rng.gamma(2, 9, len(kind)), 1), 1.0)
    order = np.lexsort((kind, days_ago, citizen))
    return Conduct(keys, citizen[order], kind[order], days_ago[order], amount[order])


def _luck(people: People, rng: np.random.Generator) -> Floats:
    """What happens to people: for some a fall, for some a recovery, for all a drift. (N, months), oldest first."""
    n = len(people)
    drift = np.cumsum(rng.normal(scale=0.16, size=(n, MONTHS)), axis=1)
    month = rng.integers(3, MONTHS - 2, n)
    fate = rng.choice([0.0, -1.6, 1.3], n, p=[0.7, 0.16, 0.14])
    # Bo has been getting back on his feet for eight months.
    named = [MEI, JUN, JUNS_PARTNER, BO]
    fate[named], month[BO] = (0.0, 0.0, 0.0, 3.4), 16
    drift[named] *= 0.3
    return drift + fate[:, None] * (np.arange(MONTHS) >= month[:, None])


def _chance(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


def _has_infant(people: People) -> NDArray[np.bool_]:
    homes = np.unique(people.household[people.age < 3])
    return np.isin(people.household, homes)


Rows = tuple[Ints, Ints, Floats]


def _monthly(kind: int, rate: Floats, rng: np.random.Generator) -> Rows:
    """Each month each person does it a Poisson number of times, on any day of the month."""
    times = rng.poisson(rate)
    who, month = np.nonzero(times)
    repeat = times[who, month]
    who, month = np.repeat(who, repeat), np.repeat(month, repeat)
    days_ago = DAYS * (1 - (month + rng.random(len(month))) / MONTHS)
    return who.astype(np.int64), np.full(len(who), kind), np.round(days_ago, 3)


def _once(kind: int, who: NDArray[np.bool_], rng: np.random.Generator) -> Rows:
    people = np.flatnonzero(who)
    return people, np.full(len(people), kind), np.round(rng.uniform(1, DAYS, len(people)), 3)


def _falls(kind: int, falls: NDArray[np.bool_], rng: np.random.Generator) -> Rows:
    who, month = np.nonzero(falls)
    return who.astype(np.int64), np.full(len(who), kind), np.round(DAYS * (1 - (month + 1) / MONTHS), 3)
