"""What a few changes do to the scores: the same answer as solving anew, in time of the ties of those who move."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.phi import phi_of, shape_of
from scoring.engine.kernels.rows import lengthened
from scoring.engine.model import Influence, Solution, Ties, refuse
from scoring.engine.solve import solve

# Ties of rows here and there are read more than ten times as slowly as all in a sweep: beyond this share of all ties,
# and more than so few, solving anew takes less time than what is left to read.
READ, FEW = 1 / 16, 100_000


@dataclass(frozen=True, slots=True)
class Update:
    """A solution, and the positions of those whose score was computed anew for it."""

    solution: Solution
    moved: Ints


def update(
    before: Solution,
    changed: Ints,
    own: Floats,
    scored: Mask,
    ties: Ties,
    influence: Influence,
    *,
    tolerance: float = 0.001,
    max_rounds: int = 10_000,
) -> Update:
    """The solution for `own`, `scored` and `ties` as they are now, from the one `before` some of them changed.

    `changed` are the positions of all whose own score or ties changed; of a tie that began, ended or changed, both
    ends. Who became scored or unscored is found here. Citizens may have been added at the end. `influence` must be
    the same as before, and `ties` must hold both directions of every pair. `before` is left as it was.

    Rows are computed afresh from what everybody has told, never added to, so nothing drifts. A citizen whose φ has
    come to be more than some `quiet` points from what they told tells it again, and the rows of those who know them
    are computed. Rows sum to at most 1, so no residual is ever larger than `quiet` or that of the first solution,
    after any number of updates: that is the certificate. Where a change reaches very many, everything is solved anew
    from the scores before.

    Raises as `solve` does, except that ties are not checked again. Source: docs/model.md, "Network effect".
    """
    refuse(influence.problems())
    n = len(scored)
    score, drag, lift = (lengthened(column, n, np.nan) for column in (before.score, before.drag, before.lift))
    told = lengthened(before.told, n, 0.0)
    was_scored = ~np.isnan(score)
    flipped = np.flatnonzero(was_scored != scored)
    room = 1.0 - influence.modulus
    quiet = 0.999 * tolerance * room
    touched = np.union1d(np.asarray(changed, np.int64), flipped)
    if len(touched) and not 0 <= touched[0] <= touched[-1] < n:
        refuse([("changed", "must be positions of citizens")])
    if not np.isfinite(own[touched][scored[touched]]).all():
        refuse([("own", "must be a finite number for everybody who is scored")])
    weight = np.ascontiguousarray(influence.weight, np.float64)
    arrays = (ties.indptr, ties.other, ties.role, ties.strength, weight)
    people = (own, scored, score, drag, lift, told)
    numbers = (influence.k0, shape_of(influence), quiet, max(FEW, int(READ * len(ties.other))))
    settled = before.error_bound <= tolerance
    if settled:
        moved, pushes, rounds, settled = _ripple(touched, flipped, *people, *arrays, *numbers)
    if not settled:
        start = np.where(scored & was_scored, lengthened(before.score, n, np.nan), own)
        solution = solve(own, scored, ties, influence, tolerance=tolerance, start=start, max_rounds=max_rounds)
        return Update(solution, np.arange(n))
    residual = max(before.residual, quiet)
    solution = Solution(score, drag, lift, told, influence.cap, residual, residual / room, pushes, rounds)
    return Update(solution, np.flatnonzero(moved))


@njit(cache=True, nogil=True)
def _ripple(  # type: ignore[no-untyped-def]  # pragma: no cover
    touched,
    flipped,
    own,
    scored,
    score,
    drag,
    lift,
    told,
    indptr,
    other,
    role,
    strength,
    weight,
    k0,
    shape,
    quiet,
    most,
):
    """Computes rows until no φ is more than `quiet` from what was told, or more than `most` ties be read; in place.

    Returns (whose row was computed, pushes, rounds, settled).
    """
    n = len(own)
    moved = np.zeros(n, np.bool_)
    for j in flipped:
        told[j] = phi_of(own[j], shape) if scored[j] else 0.0
    is_waiting = np.zeros(n, np.bool_)
    waiting = np.empty(n, np.int32)
    rows = np.empty(n, np.int32)
    count, to_read = 0, 0
    for i in touched:
        is_waiting[i] = True
        waiting[count] = i
        count += 1
        to_read += indptr[i + 1] - indptr[i]
    # Somebody who comes or goes changes the shares of all who know them.
    for j in flipped:
        for e in range(indptr[j], indptr[j + 1]):
            i = other[e]
            if not is_waiting[i]:
                is_waiting[i] = True
                waiting[count] = i
                count += 1
                to_read += indptr[i + 1] - indptr[i]
    pushes, rounds = 0, 0
    while count > 0 and to_read <= most:
        rounds += 1
        rows, waiting = waiting, rows
        row_count, count = count, 0
        for r in range(row_count):
            i = rows[r]
            is_waiting[i] = False
            moved[i] = True
            if not scored[i]:
                score[i] = drag[i] = lift[i] = np.nan
                continue
            total = k0
            down = 0.0
            up = 0.0
            for e in range(indptr[i], indptr[i + 1]):
                j = other[e]
                if scored[j]:
                    m = strength[e] * weight[role[e]]
                    total += m
                    # What was told, not what is: the two differ by `quiet` at most, in every row alike.
                    part = m * told[j]
                    if part < 0.0:
                        down += part
                    else:
                        up += part
            drag[i] = down / total if total > 0.0 else 0.0
            lift[i] = up / total if total > 0.0 else 0.0
            network = min(max(drag[i] + lift[i], -shape[4]), shape[4])
            score[i] = min(max(own[i] + network, shape[5]), shape[6])
            phi = phi_of(score[i], shape)
            if abs(phi - told[i]) > quiet:
                told[i] = phi
                for e in range(indptr[i], indptr[i + 1]):
                    j = other[e]
                    pushes += 1
                    if scored[j] and not is_waiting[j]:
                        is_waiting[j] = True
                        waiting[count] = j
                        count += 1
                        to_read += indptr[j + 1] - indptr[j]
    return moved, pushes, rounds, count == 0
