"""Who lives in the town, what they are like, and whom they know. Arrays over citizens 0..N-1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citizens.enums import TieKind
from sesame_site.demo.town.names import FAMILY, GIVEN

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# The first households: Mei with a partner and a child, Jun with a partner out of work, and Jun's brother Bo alone.
STORY_SIZES = (3, 2, 1)
MEI, JUN, JUNS_PARTNER, BO = 0, 3, 4, 5
STORIES = {MEI: ("mei", "Mei Tan"), JUN: ("jun", "Jun Park"), BO: ("bo", "Bo Park")}
ADULT = 18


@dataclass(frozen=True, slots=True)
class Ties:
    """`second[t]` is `kind[t]` to `first[t]`."""

    first: Ints
    second: Ints
    kind: NDArray[np.str_]
    strength: Floats


@dataclass(frozen=True, slots=True)
class People:
    """`reliable`, `means` and `online` are traits around 0; `household` groups people under one roof."""

    names: list[str]
    age: Ints
    household: Ints
    reliable: Floats
    means: Floats
    online: Floats
    ties: Ties

    def __len__(self) -> int:
        return len(self.names)


def settle(n: int, rng: np.random.Generator) -> People:
    """N people in households along streets; traits run in households and streets, so that luck clusters."""
    size = rng.choice([1, 2, 3, 4, 5], size=n, p=[0.25, 0.3, 0.2, 0.17, 0.08])
    size[: len(STORY_SIZES)] = STORY_SIZES
    household = np.repeat(np.arange(n), size)[:n]
    place = np.arange(n) - np.searchsorted(household, household)
    age = _ages(rng, place)
    street = household // 12
    reliable = _trait(rng, n, household, street)
    means = 0.5 * reliable + _trait(rng, n, household, street) * 0.9
    online = rng.normal(size=n)
    reliable[[MEI, JUN, JUNS_PARTNER, BO]] = (3.0, 0.15, -1.4, -3.0)
    means[[MEI, JUN, JUNS_PARTNER, BO]] = (2.4, 0.3, -2.5, -2.6)
    online[[MEI, JUN, BO]] = (-0.5, 0.0, 0.6)
    families = rng.choice(FAMILY, n)
    for index, (_, name) in STORIES.items():
        families[household[index]] = name.split()[-1]
    family = families[household]
    names = [f"{given} {last}" for given, last in zip(rng.choice(GIVEN, n), family, strict=True)]
    for index, (_, name) in STORIES.items():
        names[index] = name
    return People(
        names, age, household, reliable, means, online, _ties(rng, n, household, place, age, reliable, street)
    )


def _ages(rng: np.random.Generator, place: Ints) -> Ints:
    """Partners are about as old as each other; children 18 to 39 years younger than the younger of the two."""
    everyone = np.arange(len(place))
    head = everyone - place
    age = rng.integers(22, 80, len(place))
    partner = np.minimum(head + 1, len(place) - 1)
    age[[MEI, JUN, BO]] = (44, 34, 38)
    age = np.where(place == 1, np.clip(age[head] + rng.integers(-8, 9, len(place)), 20, None), age)
    younger_parent = np.minimum(age[head], age[partner])
    return np.where(place >= 2, np.maximum(younger_parent - rng.integers(18, 40, len(place)), 0), age)


def _trait(rng: np.random.Generator, n: int, household: Ints, street: Ints) -> Floats:
    """Unit variance: a fifth from the street, two fifths from the household, two fifths one's own."""
    shared = np.sqrt(0.2) * rng.normal(size=n)[street] + np.sqrt(0.4) * rng.normal(size=n)[household]
    return shared + np.sqrt(0.4) * rng.normal(size=n)


def _ties(
    rng: np.random.Generator, n: int, household: Ints, place: Ints, age: Ints, reliable: Floats, street: Ints
) -> Ties:
    parts = [
        _family(household, place),
        _colleagues(rng, n, age),
        _friends(rng, n, age, reliable),
        _neighbours(rng, n, household, street),
        _story_ties(n, reliable, age),
    ]
    first, second = (np.concatenate([part[side] for part in parts]).astype(np.int64) for side in (0, 1))
    kind = np.concatenate([part[2] for part in parts])
    swap = (kind != TieKind.PARENT) & (first > second)
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    keep = first != second
    first, second, kind = first[keep], second[keep], kind[keep]
    # One tie of a kind per pair; whoever comes first keeps it.
    low, high = np.minimum(first, second), np.maximum(first, second)
    _, once = np.unique(np.rec.fromarrays([low, high, kind]), return_index=True)
    once.sort()
    first, second, kind = first[once], second[once], kind[once]
    strength: Floats = np.clip(rng.beta(4, 2, len(first)), 0.05, 1.0).round(2)
    return Ties(first, second, kind, strength)


Part = tuple[Ints, Ints, NDArray[np.str_]]


def _part(first: Ints, second: Ints, kind: TieKind) -> Part:
    return first, second, np.full(len(first), kind.value)


def _join(*parts: Part) -> Part:
    first, second, kind = (np.concatenate([part[side] for part in parts]) for side in range(3))
    return first, second, kind


def _family(household: Ints, place: Ints) -> Part:
    """The first two of a household are partners; everybody after them is their child; children are siblings."""
    everyone = np.arange(len(household))
    head = everyone - place
    partners = everyone[place == 1]
    children = everyone[place >= 2]
    siblings = [everyone[place >= 2 + older] for older in (1, 2)]
    return _join(
        _part(head[partners], partners, TieKind.PARTNER),
        _part(children, head[children], TieKind.PARENT),
        _part(children, head[children] + 1, TieKind.PARENT),
        *(_part(younger - older, younger, TieKind.SIBLING) for older, younger in enumerate(siblings, 1)),
    )


def _colleagues(rng: np.random.Generator, n: int, age: Ints) -> Part:
    """Workplaces of about twelve; each knows the next few."""
    working = rng.permutation(np.flatnonzero((age >= 20) & (age < 66)))
    parts = []
    for step in (1, 2, 3):
        first, second = working[:-step], working[step:]
        same = np.arange(len(first)) // 12 == (np.arange(len(first)) + step) // 12
        parts.append(_part(first[same], second[same], TieKind.COLLEAGUE))
    return _join(*parts)


def _friends(rng: np.random.Generator, n: int, age: Ints, reliable: Floats) -> Part:
    """Mostly people alike (homophily), some at random (the small world), and a few who know very many."""
    adults = np.flatnonzero(age >= ADULT)
    alike = adults[np.argsort(reliable[adults] + 0.6 * rng.normal(size=len(adults)), kind="stable")]
    parts = []
    for step in (1, 2):
        parts.append(_part(alike[:-step], alike[step:], TieKind.FRIEND))
    chance = rng.choice(adults, (2, len(adults)))
    parts.append(_part(chance[0], chance[1], TieKind.FRIEND))
    popular = rng.choice(adults, max(1, len(adults) // 200))
    known = rng.choice(adults, 20 * len(popular))
    parts.append(_part(np.repeat(popular, 20), known, TieKind.FRIEND))
    return _join(*parts)


def _neighbours(rng: np.random.Generator, n: int, household: Ints, street: Ints) -> Part:
    """The head of each household knows the next two on the street."""
    heads = np.unique(household, return_index=True)[1]
    parts = []
    for step in (1, 2):
        first, second = heads[:-step], heads[step:]
        same = street[first] == street[second]
        parts.append(_part(first[same], second[same], TieKind.NEIGHBOUR))
    return _join(*parts)


def _story_ties(n: int, reliable: Floats, age: Ints) -> Part:
    """Jun's brother is Bo, and Jun knows seven more who have it hard; Mei knows people who do well."""
    adults = np.flatnonzero((age >= ADULT) & (np.arange(n) > BO))
    order = adults[np.argsort(reliable[adults], kind="stable")]
    low, high = order[: max(1, len(order) // 25)][:7], order[::-1][:5]
    return _join(
        _part(np.full(1, JUN), np.full(1, BO), TieKind.SIBLING),
        _part(np.full(len(low), JUN), low, TieKind.FRIEND),
        _part(np.full(len(high), MEI), high, TieKind.FRIEND),
    )
