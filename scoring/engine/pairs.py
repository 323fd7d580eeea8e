"""From pairs of people to ties sorted by citizen: two counting passes, in time proportional to the ties."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.model import Ints


def both_directions(
    n: int, a: Ints, b: Ints, role_of_b: Ints, role_of_a: Ints, strength: NDArray[Any]
) -> tuple[Ints, NDArray[np.int32], NDArray[np.int8], NDArray[np.float32]]:
    """(indptr, other, role, strength) of both directions of every pair, sorted by citizen, other, role, strength."""
    bounds = (np.min(a, initial=0), np.min(b, initial=0), np.max(a, initial=-1) + 1, np.max(b, initial=-1) + 1)
    if min(bounds[:2]) < 0 or max(bounds[2:]) > n:
        raise ValueError("a, b must be positions of citizens")
    columns = (
        np.ascontiguousarray(a, np.int64),
        np.ascontiguousarray(b, np.int64),
        np.ascontiguousarray(role_of_b, np.int8),
        np.ascontiguousarray(role_of_a, np.int8),
        np.ascontiguousarray(strength, np.float32),
    )
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(columns[0], minlength=n) + np.bincount(columns[1], minlength=n), out=indptr[1:])
    other, role, weight = _sorted(indptr, *columns)
    return indptr, other, role, weight


@njit(cache=True, nogil=True)
def _sorted(indptr, a, b, role_of_b, role_of_a, strength):  # type: ignore[no-untyped-def]  # pragma: no cover
    n, m = len(indptr) - 1, 2 * len(a)
    # First by the other person; reading that in order then fills every row in order.
    one = np.empty(m, np.int32)
    role = np.empty(m, np.int8)
    weight = np.empty(m, np.float32)
    place = indptr[:-1].copy()
    for e in range(len(a)):
        p = place[b[e]]
        place[b[e]] += 1
        one[p], role[p], weight[p] = a[e], role_of_b[e], strength[e]
        p = place[a[e]]
        place[a[e]] += 1
        one[p], role[p], weight[p] = b[e], role_of_a[e], strength[e]
    other_out = np.empty(m, np.int32)
    role_out = np.empty(m, np.int8)
    weight_out = np.empty(m, np.float32)
    place = indptr[:-1].copy()
    for j in range(n):
        for p in range(indptr[j], indptr[j + 1]):
            i = one[p]
            q = place[i]
            place[i] += 1
            r, w = role[p], weight[p]
            # Two ties with one person: in the order of role, then strength, however they came.
            while q > indptr[i] and other_out[q - 1] == j and (role_out[q - 1], weight_out[q - 1]) > (r, w):
                other_out[q], role_out[q], weight_out[q] = j, role_out[q - 1], weight_out[q - 1]
                q -= 1
            other_out[q], role_out[q], weight_out[q] = j, r, w
    return other_out, role_out, weight_out
