"""Computing the rows that a few changes reach, one after the other, in compiled code."""

from typing import NamedTuple

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.columns import TieColumns
from scoring.engine.kernels.phi import Parameters, phi_of, score_of


class Scored(NamedTuple):
    """Citizens as an update reads and writes them, in points; `phi` is the φ that each citizen has radiated."""

    own: Floats
    scored: Mask
    score: Floats
    drag: Floats
    lift: Floats
    phi: Floats


class Weighing(NamedTuple):
    """How much ties count: the weight of each role, the constant k0 of every row, and how many people must count."""

    by_role: Floats
    k0: float
    least_ties: int


class Waiting(NamedTuple):
    """The citizens whose rows have to be computed next, in the order in which they were found, each once."""

    is_waiting: Mask
    positions: Ints


class Ripple(NamedTuple):
    """What became of it: whose rows were computed, and whether no φ is left to radiate."""

    computed: Mask
    pushes: int
    rounds: int
    is_settled: bool


def ripple(
    touched: Ints,
    flipped: Ints,
    citizens: Scored,
    ties: TieColumns,
    weighing: Weighing,
    parameters: Parameters,
    *,
    phi_tolerance: float,
    most_ties: int,
) -> Ripple:
    """Computes rows in place until every φ is within `phi_tolerance` of the one that was radiated.

    `touched` are the positions of changed citizens, `flipped` those who became scored or unscored. It gives up, and
    leaves the columns half done, before more than `most_ties` ties have been read.
    """
    return Ripple(*_ripple(touched, flipped, citizens, ties, weighing, parameters, phi_tolerance, most_ties))


@njit(cache=True, nogil=True)
def _ripple(touched, flipped, citizens, ties, weighing, parameters, phi_tolerance, most_ties):  # type: ignore[no-untyped-def]
    scored, phi, indptr = citizens.scored, citizens.phi, ties.indptr
    n = len(scored)
    computed, is_waiting = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    waiting, rows = Waiting(is_waiting, np.empty(n, np.int32)), np.empty(n, np.int32)
    count, ties_to_read = 0, 0
    for i in touched:
        is_waiting[i] = True
        waiting.positions[count] = i
        count += 1
        ties_to_read += indptr[i + 1] - indptr[i]
    for j in flipped:
        phi[j] = phi_of(citizens.own[j], parameters) if scored[j] else 0.0
        # A citizen who becomes scored or unscored changes the shares of all citizens tied to them.
        count, ties_to_read = _append_neighbours(j, ties, scored, waiting, count, ties_to_read)
    pushes, rounds = 0, 0
    while count > 0 and ties_to_read <= most_ties:
        rounds += 1
        row_count, count = count, 0
        rows[:row_count] = waiting.positions[:row_count]
        for r in range(row_count):
            i = rows[r]
            is_waiting[i] = False
            computed[i] = True
            _compute_row(i, citizens, ties, weighing, parameters)
            if not scored[i]:
                continue
            phi_i = phi_of(citizens.score[i], parameters)
            if abs(phi_i - phi[i]) > phi_tolerance:
                phi[i] = phi_i
                pushes += indptr[i + 1] - indptr[i]
                count, ties_to_read = _append_neighbours(i, ties, scored, waiting, count, ties_to_read)
    return computed, pushes, rounds, count == 0


@njit(cache=True, nogil=True)
def _append_neighbours(j, ties, scored, waiting, count, ties_to_read):  # type: ignore[no-untyped-def]
    """Appends the scored citizens tied to `j` who do not wait yet; returns the new count and ties to read."""
    indptr, other = ties.indptr, ties.other
    is_waiting, positions = waiting
    for e in range(indptr[j], indptr[j + 1]):
        i = other[e]
        if scored[i] and not is_waiting[i]:
            is_waiting[i] = True
            positions[count] = i
            count += 1
            ties_to_read += indptr[i + 1] - indptr[i]
    return count, ties_to_read


@njit(cache=True, nogil=True)
def _compute_row(i, citizens, ties, weighing, parameters):  # type: ignore[no-untyped-def]
    """Sets the score of citizen `i` and its parts from the φ that others have radiated."""
    own, scored, score, drag, lift, phi = citizens
    indptr, other, role, strength = ties
    by_role, k0, least_ties = weighing
    if not scored[i]:
        score[i] = drag[i] = lift[i] = np.nan
        return
    total, down, up, people, strongest = k0, 0.0, 0.0, 0, 0.0
    last_tie = indptr[i + 1] - 1
    for e in range(indptr[i], indptr[i + 1]):
        j = other[e]
        strongest = max(strongest, strength[e] * by_role[role[e]])
        # Of several ties to one person, which stand side by side, the strongest counts alone.
        if e < last_tie and other[e + 1] == j:
            continue
        m, strongest = strongest, 0.0
        if scored[j] and m > 0.0:
            people += 1
            total += m
            # The radiated φ, not that of the score: they differ by `phi_tolerance` at most, in every row alike.
            part = m * phi[j]
            if part < 0.0:
                down += part
            else:
                up += part
    counts = people >= least_ties and total > 0.0
    drag[i] = down / total if counts else 0.0
    lift[i] = up / total if counts else 0.0
    score[i] = score_of(own[i], drag[i] + lift[i], parameters)
