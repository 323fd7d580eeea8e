"""For whom perks and restrictions hold, and what a draft rule set would do to that."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from perks.models import Perk, Restriction
from scoring.lab.registry import Effect, Published

Holds = NDArray[np.bool_]


def reach(opening: Perk | Restriction, people: dict[int, int]) -> int:
    """For how many it holds, of so many `people` at each published number; for nobody while it is switched off."""
    numbers, counts = (np.array(list(column), np.int64) for column in (people.keys(), people.values()))
    return int(counts[_holds(opening, numbers)].sum()) if opening.is_active else 0


def effects_of(before: Published, after: Published) -> list[Effect]:
    """For each active perk and restriction, for how many it holds before and after. Two queries."""
    perks, restrictions = (model.objects.filter(is_active=True) for model in (Perk, Restriction))
    openings = [(f"Perk: {row}", row) for row in perks] + [(f"Restriction: {row}", row) for row in restrictions]
    return [_effect(name, _holds(opening, before), _holds(opening, after)) for name, opening in openings]


def _holds(opening: Perk | Restriction, published: NDArray[np.integer[Any]]) -> Holds:
    """Neither for the unscored, who are -1: they have no perks, and restrictions do not apply to them."""
    if isinstance(opening, Perk):
        return published >= opening.opens_at
    return (published >= 0) & (published < opening.closes_below)


def _effect(name: str, before: Holds, after: Holds) -> Effect:
    return Effect(
        name=name,
        before=int(before.sum()),
        after=int(after.sum()),
        gained=int((after & ~before).sum()),
        lost=int((before & ~after).sum()),
    )
