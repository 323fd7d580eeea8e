"""The weights m of all ties, and the sums of what citizens receive from each other: the passes over all ties."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from scoring.engine.arrays import Floats, Mask
from scoring.engine.kernels.columns import Citizens, TieColumns, WeightedTies, citizens_between
from scoring.engine.kernels.phi import Parameters, Phi, phi_of, score_of
from scoring.engine.kernels.threads import (
    claim_slice,
    close_queue,
    finish_slice,
    longest_block,
    prefetch_ahead,
    run_in_threads,
    slice_edges,
)
from scoring.engine.model import REVERSE_ROLE, Influence, Ties

# What a slice reports instead of a number where two ties to one person may not stand side by side.
UNSORTED = -1


class TieWeights:
    """The weight m of every directed tie, 0 towards the unscored, and `total = k0 + Σ m` of every row.

    Of several ties to one person the last has the weight of the strongest, and the others have 0.

    `total` is infinite for the unscored, for those with fewer than `least_ties` scored people of m > 0, and where it
    would be 0, so that the network effect is 0 there. `columns` are those of the ties with unsigned indices, which
    compiled code reads fastest: it need not check their sign.
    """

    def __init__(self, ties: Ties, influence: Influence, scored: Mask) -> None:
        self.columns = TieColumns(
            ties.indptr.view(np.uint64), ties.other.view(np.uint32), ties.role.view(np.uint8), ties.strength
        )
        self.scored, self.k0, self.least_ties = np.ascontiguousarray(scored), influence.k0, influence.least_ties
        self.edges = slice_edges(ties.indptr)
        self.longest_block = longest_block(ties.indptr, self.edges)
        self.by_role = np.ascontiguousarray(influence.weight, np.float64)
        self.by_reverse_role = self.by_role[REVERSE_ROLE]
        self.total = np.empty(len(scored))
        self.m: NDArray[np.floating[Any]] = np.empty(0, np.float32)

    def __len__(self) -> int:
        """Number of directed ties."""
        return len(self.columns.other)

    @property
    def ties(self) -> WeightedTies:
        """All ties with their weights."""
        return WeightedTies(self.columns.indptr, self.columns.other, self.m)

    def compute(self, own: Floats, phi: Phi, parameters: Parameters, phi_tolerance: float) -> tuple[Floats, int]:
        """Computes `m`, in the precision of `phi`, and `total`. `phi` must be −0 for the unscored.

        Returns from the same pass (Σ m · phi of every row, the number of directed ties of the citizens whose φ then
        differs from `phi` by more than `phi_tolerance` points). Raises ValueError if a row is not sorted by `other`.
        """
        self.m, received = np.empty(len(self), phi.dtype), np.empty(len(phi))
        # All numbers are in one precision: to convert between two takes longer than to multiply.
        rule = _Rule(self.by_role.astype(phi.dtype), self.k0, self.least_ties, self.scored, *_bits_of(phi))
        pending_ties = np.zeros(len(self.edges) - 1, np.int64)
        citizens = Citizens(own, phi, received, self.total)
        run_in_threads(
            _compute, self.edges, self.columns, rule, citizens, self.m, parameters, phi_tolerance, pending_ties
        )
        if pending_ties.min(initial=0) == UNSORTED:
            raise ValueError("other must be sorted in each row")
        return received, int(pending_ties.sum())


class _Rule(NamedTuple):
    """How ties are weighed. A citizen `j` is unscored where `phi_bits[j]` are the bits of −0, `unscored_bits`."""

    by_role: Floats
    k0: float
    least_ties: int
    scored: Mask
    phi_bits: NDArray[Any]
    unscored_bits: np.unsignedinteger[Any]


def _bits_of(phi: Phi) -> tuple[NDArray[Any], np.unsignedinteger[Any]]:
    unsigned: DTypeLike = f"u{phi.itemsize}"
    return phi.view(unsigned), np.array([-0.0], phi.dtype).view(unsigned)[0]


@njit(cache=True, nogil=True)
def _compute(queue, ties, rule, citizens, m, parameters, phi_tolerance, pending_ties):  # type: ignore[no-untyped-def]
    indptr, other, role, strength = ties
    by_role, k0, least_ties, scored, phi_bits, unscored_bits = rule
    phi, received, total = citizens.phi, citizens.received, citizens.total
    zero, one = phi.dtype.type(0), np.uint64(1)
    number, s = claim_slice(queue)
    while number >= 0:
        first, last = queue.edges[s], queue.edges[s + 1]
        is_sorted = True
        for i in range(first, last):
            sum_m, sum_received, people = 0.0, 0.0, 0
            strongest, last_tie = zero, indptr[i + 1] - one
            for e in range(indptr[i], indptr[i + 1]):
                j = other[e]
                prefetch_ahead(phi, other, e)
                # The bits of φ show who is scored: reading `scored[j]` too would take longer than all the rest.
                m_e = strength[e] * by_role[role[e]] if phi_bits[j] != unscored_bits else zero
                if e < last_tie and other[e + one] <= j:
                    is_sorted &= other[e + one] == j
                    strongest, m[e] = max(strongest, m_e), zero
                    continue
                m_e, strongest = max(strongest, m_e), zero
                sum_m += m_e
                sum_received += m_e * phi[j]
                people += m_e > zero
                m[e] = m_e
            received[i] = sum_received
            counts = scored[i] and people >= least_ties and k0 + sum_m > 0.0
            total[i] = k0 + sum_m if counts else np.inf
        block = citizens_between(citizens, first, last)
        pending = _pending_ties(indptr[first : last + 1], block, parameters, phi_tolerance)
        pending_ties[s] = pending if is_sorted else UNSORTED
        if finish_slice(queue):
            close_queue(queue)
        number, s = claim_slice(queue)


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _pending_ties(indptr, citizens, parameters, phi_tolerance):  # type: ignore[no-untyped-def]
    """Number of directed ties of the citizens whose φ differs from what they radiated by more than `phi_tolerance`."""
    own, phi, received, total = citizens
    count = 0
    for i in range(len(own)):
        score = score_of(own[i], received[i] / total[i], parameters)
        is_pending = abs(phi_of(score, parameters) - phi[i]) > phi_tolerance
        # A product instead of a branch, which the processor could not predict.
        count += np.int64(indptr[i + 1] - indptr[i]) * is_pending
    return count
