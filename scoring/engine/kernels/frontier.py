"""Pushing along the ties of a few: each change of φ is added to the sums of the citizens tied to it."""

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats
from scoring.engine.kernels.columns import Citizens, citizens_between
from scoring.engine.kernels.phi import Parameters, Phi, phi_of, score_of
from scoring.engine.kernels.threads import BLOCK_ROWS, prefetch
from scoring.engine.kernels.weights import TieWeights

# Where the frontier is more than one citizen in this many, the next one is found faster by looking at every citizen
# than by noting which ones were touched.
DENSE_FRONTIER = 128
# The rows of the frontier are prefetched this many citizens ahead.
PREFETCH_ROWS = 8


def push_changes(
    own: Floats,
    phi: Phi,
    received: Floats,
    weights: TieWeights,
    parameters: Parameters,
    *,
    phi_tolerance: float,
    most_ties: int,
    most_rounds: int,
) -> tuple[int, int]:
    """Brings `phi` and `received` forward in place and returns (pushes, rounds).

    A citizen whose φ has come to differ from `phi` by more than `phi_tolerance` points is in the frontier and radiates
    the change along their ties, until the frontier is empty or its citizens have more than `most_ties` directed ties.
    Needs both directions of every pair, with mirrored roles.
    """
    citizens = Citizens(own, phi, received, weights.total)
    return _push_rounds(  # type: ignore[no-any-return]
        citizens, weights.columns, weights.by_reverse_role, parameters, phi_tolerance, most_ties, most_rounds
    )


@njit(cache=True, nogil=True)
def _push_rounds(citizens, ties, weight, parameters, phi_tolerance, most_ties, most_rounds):  # type: ignore[no-untyped-def]
    own, phi, received, total = citizens
    indptr, other = ties.indptr, ties.other
    n = len(own)
    frontier, touched, is_touched = np.empty(n + 1, np.uint32), np.empty(n + 1, np.uint32), np.zeros(n, np.bool_)
    pushes, rounds, ties_pushed = 0, 0, 0
    count = _find_frontier(citizens, parameters, phi_tolerance, frontier)
    while count > 0 and rounds < most_rounds and ties_pushed <= most_ties:
        rounds, ties_pushed = rounds + 1, 0
        is_dense, touched_count = count > n // DENSE_FRONTIER, 0
        for f in range(count):
            _prefetch_row(frontier[min(f + PREFETCH_ROWS, count - 1)], ties)
            j = frontier[f]
            before = phi[j]
            phi[j] = phi_of(score_of(own[j], received[j] / total[j], parameters), parameters)
            _push(j, phi[j] - before, received, ties, weight)
            ties_pushed += int(indptr[j + 1] - indptr[j])
            if not is_dense:
                for e in range(indptr[j], indptr[j + 1]):
                    # Without a branch, which the processor could not predict.
                    touched[touched_count] = other[e]
                    touched_count += not is_touched[other[e]]
                    is_touched[other[e]] = True
        pushes += ties_pushed
        if is_dense:
            count = _find_frontier(citizens, parameters, phi_tolerance, frontier)
            continue
        count = 0
        for t in range(touched_count):
            i = touched[t]
            is_touched[i] = False
            score = score_of(own[i], received[i] / total[i], parameters)
            if abs(phi_of(score, parameters) - phi[i]) > phi_tolerance:
                frontier[count] = i
                count += 1
    return pushes, rounds


@njit(cache=True, nogil=True)
def _push(j, change, received, ties, weight):  # type: ignore[no-untyped-def]
    indptr, other, role, strength = ties
    one = np.uint64(1)
    strongest, last_tie = 0.0, indptr[j + 1] - one
    for e in range(indptr[j], indptr[j + 1]):
        strongest = max(strongest, strength[e] * weight[role[e]])
        # Of several ties to one person, which stand side by side, the strongest counts alone.
        if e == last_tie or other[e + one] != other[e]:
            received[other[e]] += strongest * change
            strongest = 0.0


@njit(cache=True, nogil=True)
def _prefetch_row(j, ties):  # type: ignore[no-untyped-def]
    e = min(ties.indptr[j], np.uint64(len(ties.other) - 1))
    prefetch(ties.other, e)
    prefetch(ties.role, e)
    prefetch(ties.strength, e)


@njit(cache=True, nogil=True)
def _find_frontier(citizens, parameters, phi_tolerance, frontier):  # type: ignore[no-untyped-def]
    """Fills `frontier` with the positions of all citizens that belong to it, and returns their number."""
    n = len(citizens.own)
    count, change = 0, np.empty(BLOCK_ROWS)
    for first in range(0, n, BLOCK_ROWS):
        last = min(first + BLOCK_ROWS, n)
        _changes_of_phi(citizens_between(citizens, first, last), parameters, change)
        for i in range(last - first):
            # Without a branch, which the processor could not predict.
            frontier[count] = first + i
            count += change[i] > phi_tolerance
    return count


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _changes_of_phi(citizens, parameters, change):  # type: ignore[no-untyped-def]
    """Sets `change` to how far each φ is from what was radiated. The compiler computes several rows at once."""
    own, phi, received, total = citizens
    for i in range(len(own)):
        change[i] = abs(phi_of(score_of(own[i], received[i] / total[i], parameters), parameters) - phi[i])
