"""Ties sorted by citizen, from undirected pairs of citizens."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.arrays import Ints
from scoring.engine.kernels.sorting import in_rows
from scoring.engine.model import LONG_AGO, Ties


def ties_from_pairs(
    n: int,
    a: NDArray[Any],
    b: NDArray[Any],
    role_of_b_for_a: NDArray[Any],
    role_of_a_for_b: NDArray[Any],
    strength: NDArray[Any],
    since: NDArray[Any] | None = None,
) -> Ties:
    """Both directions of the undirected pairs (a, b) among `n` citizens, sorted by citizen, other, role, strength.

    `since` is the minute in which each tie began, as in `Ties`; ties that are equal in all else are sorted by it. The
    result does not depend on the order of the pairs. Raises ValueError if a position is not in 0 … n − 1.
    """
    bounds = (np.min(a, initial=0), np.min(b, initial=0), np.max(a, initial=-1) + 1, np.max(b, initial=-1) + 1)
    if min(bounds[:2]) < 0 or max(bounds[2:]) > n:
        raise ValueError("a, b must be positions of citizens")
    citizen, other = (np.concatenate(ends, dtype=np.int32, casting="same_kind") for ends in ((a, b), (b, a)))
    role = np.concatenate([role_of_b_for_a, role_of_a_for_b], dtype=np.int8, casting="unsafe")
    if since is None:
        return Ties(*in_rows(citizen, n, other, role, np.tile(np.asarray(strength, np.float32), 2)))
    indptr, other, role, packed = in_rows(citizen, n, other, role, np.tile(_packed(strength, since), 2))
    return Ties(indptr, other, role, *_unpacked(packed))


@njit(cache=True, nogil=True)
def keep_strongest(indptr: Ints, other: NDArray[Any], m: NDArray[Any]) -> None:
    """Gives the last of several ties to one person the weight of the strongest, and 0 to the others, in place.

    Rows are sorted by `other`.
    """
    for i in range(len(indptr) - 1):
        for e in range(indptr[i] + 1, indptr[i + 1]):
            if other[e] == other[e - 1]:
                m[e], m[e - 1] = max(m[e], m[e - 1]), 0.0


def _packed(strength: NDArray[Any], since: NDArray[Any]) -> NDArray[np.int64]:
    """Both in one column, because rows are sorted by three. The bits of numbers from 0 on sort as the numbers do."""
    bits = np.asarray(strength, np.float32).view(np.int32).astype(np.int64)
    return bits << 32 | (np.asarray(since, np.int64) - LONG_AGO)


def _unpacked(packed: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    since = (packed & 0xFFFF_FFFF) + LONG_AGO
    return (packed >> 32).astype(np.int32).view(np.float32), since.astype(np.int32)
