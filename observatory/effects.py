"""What a draft rule set would do to perks and restrictions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perks.models import Entitlement, Perk, Restriction

Published = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Effect:
    """Number of citizens for whom an entitlement holds, under the published rule set and under the draft."""

    entitlement: Entitlement
    before: int
    after: int
    gained: int
    lost: int


def effects(before: Published, after: Published) -> list[Effect]:
    """One for each active perk and restriction. Published scores, -1 for the unscored, in one order. Two queries."""
    return [
        _effect(entitlement, entitlement.holds_at(before), entitlement.holds_at(after))
        for model in (Perk, Restriction)
        for entitlement in model.objects.active()
    ]


def _effect(entitlement: Entitlement, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Effect:
    return Effect(
        entitlement,
        before=int(before.sum()),
        after=int(after.sum()),
        gained=int((after & ~before).sum()),
        lost=int((before & ~after).sum()),
    )
