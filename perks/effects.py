"""For whom perks and restrictions hold, and what a draft rule set would do to that."""

import numpy as np
from numpy.typing import NDArray

from perks.models import Perk, Restriction
from scoring.lab.registry import Effect, Published

Holds = NDArray[np.bool_]


def reach(opening: Perk | Restriction, people: dict[int, int], *, threshold: int | None = None) -> int:
    """For how many it holds, of so many people at each published number; at a threshold that is not its own, say.

    For nobody while it is switched off, unless a threshold is asked about.
    """
    if threshold is None:
        if not opening.is_active:
            return 0
        threshold = opening.opens_at if isinstance(opening, Perk) else opening.closes_below
    is_open = isinstance(opening, Perk)
    return sum(count for number, count in people.items() if (number >= threshold) == is_open)


def effects_of(before: Published, after: Published) -> list[Effect]:
    """For each active perk and restriction, for how many it holds before and after. Two queries."""
    perks = [
        _effect(f"Perk: {perk}", before >= perk.opens_at, after >= perk.opens_at)
        for perk in Perk.objects.filter(is_active=True)
    ]
    restrictions = [
        _effect(f"Restriction: {row}", _closed(before, row.closes_below), _closed(after, row.closes_below))
        for row in Restriction.objects.filter(is_active=True)
    ]
    return perks + restrictions


def _closed(published: Published, closes_below: int) -> Holds:
    """Restrictions never apply to the unscored, who are -1."""
    return (published >= 0) & (published < closes_below)


def _effect(name: str, before: Holds, after: Holds) -> Effect:
    return Effect(
        name=name,
        before=int(before.sum()),
        after=int(after.sum()),
        gained=int((after & ~before).sum()),
        lost=int((before & ~after).sum()),
    )
