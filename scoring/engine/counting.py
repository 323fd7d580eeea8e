"""How much everybody counts for everybody: what the ties weigh, before anyone's score is known."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from scoring.engine.model import REVERSE_ROLE, Influence, Mask, Ties
from scoring.engine.slices import cut, in_slices


class Counting:
    """m of every directed tie, 0 towards the unscored, and `total = k0 + Σ m` of every row.

    `columns` are those of the ties as compiled code reads them fastest: an index that cannot be negative needs no
    second look.
    """

    def __init__(self, ties: Ties, influence: Influence, scored: Mask) -> None:
        self.columns = ties.indptr.view(np.uint64), ties.other.view(np.uint32), ties.role.view(np.uint8), ties.strength
        self.slices, self.scored, self.k0 = cut(ties.indptr), np.ascontiguousarray(scored), influence.k0
        self.weight = np.ascontiguousarray(influence.weight, np.float64)
        self._weight_back = self.weight[REVERSE_ROLE]
        self.total = np.empty(len(scored))
        self.m: NDArray[np.floating[Any]] = np.empty(0, np.float32)

    def __len__(self) -> int:
        """Directed ties."""
        return len(self.columns[1])

    @property
    def rows(self) -> tuple[NDArray[Any], ...]:
        """(indptr, other, m): who counts for whom, and how much."""
        return *self.columns[:2], self.m

    @property
    def back(self) -> tuple[NDArray[Any], ...]:
        """(indptr, other, role, strength, weight by role): for whom the citizen of a row counts, and how much."""
        return *self.columns, self._weight_back

    def weigh(self, precision: DTypeLike) -> None:
        """Computes `m` in this precision, and `total`."""
        self.m = np.empty(len(self), precision)
        columns = (*self.columns, self.weight, self.scored.view(np.uint8), self.k0, self.m, self.total)
        in_slices(self.slices, lambda first, last: _weigh(first, last, *columns))


@njit(cache=True, nogil=True)
def _weigh(first, last, indptr, other, role, strength, weight, scored, k0, m, total):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(first, last):
        heavy = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            # A product, not a branch: who is scored cannot be foreseen.
            weight_e = strength[e] * weight[role[e]] * scored[other[e]]
            heavy += weight_e
            m[e] = weight_e
        total[i] = k0 + heavy
