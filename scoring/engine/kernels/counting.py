"""How much everybody counts for everybody, and what they therefore feel of what is told: the passes over all ties."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Mask
from scoring.engine.kernels.phi import Shape, Told, phi_of, score_of
from scoring.engine.kernels.threads import cut, drawn, go_on, handed_in, longest_block, look_ahead, together
from scoring.engine.model import REVERSE_ROLE, Influence, Ties


class Counting:
    """m of every directed tie, 0 towards the unscored, and `total = k0 + Σ m` of every row.

    `total` is infinite for the unscored, and where it would be 0: nobody counts there. `columns` are those of the ties
    as compiled code reads them fastest: an index that cannot be negative needs no second look.
    """

    def __init__(self, ties: Ties, influence: Influence, scored: Mask) -> None:
        self.columns = ties.indptr.view(np.uint64), ties.other.view(np.uint32), ties.role.view(np.uint8), ties.strength
        self.scored, self.k0, self.edges = np.ascontiguousarray(scored), influence.k0, cut(ties.indptr)
        self.longest = longest_block(ties.indptr, self.edges)
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

    def weigh(self, own: Floats, told: Told, shape: Shape, quiet: float) -> tuple[Floats, int]:
        """Computes `m` in the precision of `told`, which is −0 for the unscored, and `total`. From the same pass:

        (what is felt, Σ m · told; the directed ties of those whose φ then is by more than `quiet` not what they told).
        """
        self.m, felt = np.empty(len(self), told.dtype), np.empty(len(told))
        # All in one precision: to convert between two takes longer than to multiply.
        columns = (*self.columns, self.weight.astype(told.dtype), self.scored, self.k0)
        bits, unscored = (numbers.view(f"u{told.itemsize}") for numbers in (told, np.array([-0.0], told.dtype)))
        found = np.zeros(len(self.edges) - 1, np.int64)
        state = (own, told, bits, unscored[0], shape, quiet)
        together(_weigh, self.edges, *columns, *state, self.m, self.total, felt, found)
        return felt, int(found.sum())


@njit(cache=True, nogil=True)
def _weigh(  # type: ignore[no-untyped-def]  # pragma: no cover
    desk, edges, indptr, other, role, strength, weight, scored, k0, own, told, bits, unscored, shape, quiet,
    m, total, felt, found,
):  # fmt: skip
    nothing = told.dtype.type(0)
    number, s = drawn(desk, edges)
    while number >= 0:
        for i in range(edges[s], edges[s + 1]):
            heavy, sum_i = 0.0, 0.0
            for e in range(indptr[i], indptr[i + 1]):
                j = other[e]
                look_ahead(told, other, e)
                # What they tell says who is scored: a look at another far place would take longer than all the rest.
                m_e = strength[e] * weight[role[e]] if bits[j] != unscored else nothing
                heavy += m_e
                sum_i += m_e * told[j]
                m[e] = m_e
            felt[i] = sum_i
            total[i] = k0 + heavy if scored[i] and k0 + heavy > 0.0 else np.inf
        first, last = edges[s], edges[s + 1]
        people = own[first:last], told[first:last], felt[first:last], total[first:last]
        found[s] = _reach(indptr[first : last + 1], *people, shape, quiet)
        if handed_in(desk, edges):
            go_on(desk, True)
        number, s = drawn(desk, edges)


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _reach(ends, own, told, felt, total, shape, quiet):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The directed ties of those whose φ is by more than `quiet` not what they told."""
    reach = 0
    for i in range(len(own)):
        moved = abs(phi_of(score_of(own[i], felt[i], total[i], shape), shape) - told[i]) > quiet
        # A product, not a branch: who moved cannot be foreseen.
        reach += np.int64(ends[i + 1] - ends[i]) * moved
    return reach
