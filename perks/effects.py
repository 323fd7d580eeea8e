"""What a draft rule set would do to perks and restrictions."""

import numpy as np
from numpy.typing import NDArray

from perks.models import Perk, Restriction
from scoring.lab.registry import Effect, Published

Holds = NDArray[np.bool_]


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
