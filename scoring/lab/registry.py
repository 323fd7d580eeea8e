"""Where layers above scoring say what a draft would do to what they own."""

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

Published = NDArray[np.int16]


class Effect(TypedDict):
    """How many citizens something holds for, under the published rule set and under the draft."""

    name: str
    before: int
    after: int
    gained: int
    lost: int


EffectOf = Callable[[Published, Published], list[Effect]]

_effects: list[EffectOf] = []


def register(effect: EffectOf) -> EffectOf:
    """Ask `effect` on every preview. It gets published scores before and after, -1 for unscored, in one order."""
    if effect not in _effects:
        _effects.append(effect)
    return effect


def effects(before: Published, after: Published) -> list[Effect]:
    return [row for effect in _effects for row in effect(before, after)]
