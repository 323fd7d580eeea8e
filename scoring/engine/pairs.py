"""From pairs of people to ties sorted by citizen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine.model import Ints
from scoring.engine.rows import in_rows


def both_directions(
    n: int, a: Ints, b: Ints, role_of_b: Ints, role_of_a: Ints, strength: NDArray[Any]
) -> tuple[Ints, NDArray[np.int32], NDArray[np.int8], NDArray[np.float32]]:
    """(indptr, other, role, strength) of both directions of every pair, sorted by citizen, other, role, strength."""
    bounds = (np.min(a, initial=0), np.min(b, initial=0), np.max(a, initial=-1) + 1, np.max(b, initial=-1) + 1)
    if min(bounds[:2]) < 0 or max(bounds[2:]) > n:
        raise ValueError("a, b must be positions of citizens")
    citizen, other = (np.concatenate(ends, dtype=np.int32, casting="same_kind") for ends in ((a, b), (b, a)))
    role = np.concatenate([role_of_b, role_of_a], dtype=np.int8, casting="unsafe")
    indptr, other, role, strength = in_rows(citizen, n, other, role, np.tile(np.asarray(strength, np.float32), 2))
    return indptr, other, role, strength
