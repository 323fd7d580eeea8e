"""The network effect: the one fixed point of `s = T(s)`, found by following what changes."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.model import REVERSE_ROLE as REVERSE_ROLE
from scoring.engine.model import Floats, Influence, Ints, Mask, Solution, Ties, refuse
from scoring.engine.slices import in_slices


class NotConverged(Exception):
    """The error bound could not be brought under the tolerance."""


def solve(
    own: Floats,
    scored: Mask,
    ties: Ties,
    influence: Influence,
    *,
    tolerance: float = 0.001,
    start: Floats | None = None,
    max_rounds: int = 10_000,
) -> Solution:
    """Scores with mutual influence.

        m_ij = strength_ij · weight(role of j for i)       over scored j
        N_i  = clip(Σ_j m_ij · φ(s_j) / (k0 + Σ_j m_ij), −cap, +cap)
        φ(s) = −drag · max(0, θ_drag − s) + lift · max(0, s − θ_lift)
        s_i  = clip(o_i + N_i, floor, ceiling)

    `own` and `scored` have length N; `own` is read only where `scored`. `start` is any first guess (default: the own
    scores) and does not change the answer beyond the tolerance.

    Only changes of φ are pushed, along the ties of those whose φ changed; changes too small to matter together are
    not. While most ties would carry a change, one whole sweep is cheaper, and is done instead. The residual
    r = max |T(s) − s| is measured by a whole sweep at the end, so rounding in running sums cannot hide in the
    certificate: with q = max(drag, lift) no score is further than r / (1 − q) from the exact one (Banach).

    Following needs both directions of every pair, with mirrored roles, as `Ties.from_pairs` builds them; other ties
    give the same answer by sweeps alone, which bring r down by q each, whatever the ties.

    Raises ValueError naming the fields if the input is not valid; NotConverged if the bound stays above `tolerance`
    points after `max_rounds` rounds, or rounding lets it sink no further. Source: docs/model.md, "Network effect".
    """
    refuse(influence.problems() + ties.problems(len(scored)) + _problems(own, scored, start, tolerance))
    weight = np.ascontiguousarray(influence.weight, np.float64)
    shape = shape_of(influence)
    own = np.where(scored, own, 0.0)
    score = own.copy() if start is None else np.where(scored, np.clip(start, influence.floor, influence.ceiling), 0.0)
    total, counts = np.empty(len(own), np.float64), np.empty(len(ties.other), np.float64)
    rows = (ties.indptr, ties.other, ties.role, ties.strength, weight, scored, influence.k0)
    in_slices(ties.indptr, lambda first, last: _weigh(first, last, *rows, total, counts))
    arrays = (ties.indptr, ties.other, counts)
    room = 1.0 - influence.modulus
    quiet = tolerance * room / 2
    felt, told = np.zeros(len(own)), np.zeros(len(own))
    pushes = rounds = 0
    follows, before = start is None, np.inf
    while True:
        if follows:
            sums = (total, felt, told, weight[REVERSE_ROLE], shape, quiet, max_rounds - rounds)
            pushed = _follow(own, scored, score, ties.indptr, ties.other, ties.role, ties.strength, *sums)
            pushes, rounds = pushes + pushed[0], rounds + pushed[1]
        result, drag, lift, told, residual = _sweep_all(own, scored, score, total, arrays, shape)
        if residual / room <= tolerance:
            break
        stuck = residual >= before
        if rounds >= max_rounds or (stuck and not follows):
            raise NotConverged(
                f"The error bound is still {residual / room:g} points after {rounds} rounds; "
                f"{tolerance:g} was asked for."
            )
        # Following never makes it worse, unless the ties are not mirrored.
        follows, before = not stuck and (follows or rounds == 0), np.inf if stuck else residual
        score, felt = result, (drag + lift) * total
        pushes, rounds = pushes + len(ties.other), rounds + 1
    unscored = ~scored
    for column in (result, drag, lift):
        column[unscored] = np.nan
    network = np.clip(drag + lift, -influence.cap, influence.cap)
    return Solution(result, drag, lift, network, told, residual, residual / room, pushes, rounds)


def shape_of(influence: Influence) -> Floats:
    """The numbers that compiled code needs, in the order in which it reads them."""
    return np.array(
        [
            influence.drag,
            influence.lift,
            influence.theta_drag,
            influence.theta_lift,
            influence.cap,
            influence.floor,
            influence.ceiling,
        ]
    )


def _problems(own: Floats, scored: Mask, start: Floats | None, tolerance: float) -> list[tuple[str, str]]:
    found = []
    if len(own) != len(scored) or not np.isfinite(own[scored]).all():
        found.append(("own", "must be a finite number for everybody who is scored"))
    if start is not None and (len(start) != len(scored) or not np.isfinite(start[scored]).all()):
        found.append(("start", "must be a finite number for everybody who is scored"))
    if not tolerance > 0:
        found.append(("tolerance", "must be more than 0"))
    return found


def _sweep_all(
    own: Floats,
    scored: Mask,
    score: Floats,
    total: Floats,
    arrays: tuple[Ints, NDArray[np.int32], Floats],
    shape: Floats,
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """T(score), its drag and lift, the φ it rests on, and the largest |T(score) − score|; 0 for the unscored."""
    n = len(own)
    result, drag, lift = np.zeros(n), np.zeros(n), np.zeros(n)
    phi = _phis(score, scored, shape)
    columns = (own, scored, score, phi, total)
    residuals = in_slices(
        arrays[0],
        lambda first, last: _sweep(first, last, *columns, *arrays, shape, result, drag, lift),
    )
    return result, drag, lift, phi, max(residuals)


@njit(cache=True, inline="always")
def phi_of(score, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """What a person at this score gives to (or takes from) those who know them, in points."""
    return -shape[0] * max(0.0, shape[2] - score) + shape[1] * max(0.0, score - shape[3])


@njit(cache=True, nogil=True)
def _phis(score, scored, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    phi = np.zeros(len(score), np.float64)
    for j in range(len(score)):
        if scored[j]:
            phi[j] = phi_of(score[j], shape)
    return phi


@njit(cache=True, nogil=True)
def _weigh(first, last, indptr, other, role, strength, weight, scored, k0, total, counts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """m of every tie, 0 for the unscored, and k0 + Σ m of every row."""
    for i in range(first, last):
        heavy = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            counts[e] = strength[e] * weight[role[e]] if scored[other[e]] else 0.0
            heavy += counts[e]
        total[i] = k0 + heavy


@njit(cache=True, nogil=True)
def _sweep(  # type: ignore[no-untyped-def]  # pragma: no cover
    first, last, own, scored, score, phi, total, indptr, other, counts, shape, result, drag, lift
):
    """One application of T to the rows first … last − 1, with drag and lift apart. Returns their largest change."""
    residual = 0.0
    for i in range(first, last):
        if not scored[i]:
            continue
        if total[i] > 0.0:
            down = 0.0
            up = 0.0
            for e in range(indptr[i], indptr[i + 1]):
                # Without a branch: whether somebody drags or lifts cannot be foreseen.
                part = counts[e] * phi[other[e]]
                down += min(part, 0.0)
                up += max(part, 0.0)
            drag[i] = down / total[i]
            lift[i] = up / total[i]
        network = min(max(drag[i] + lift[i], -shape[4]), shape[4])
        result[i] = min(max(own[i] + network, shape[5]), shape[6])
        residual = max(residual, abs(result[i] - score[i]))
    return residual


@njit(cache=True, nogil=True)
def _follow(  # type: ignore[no-untyped-def]  # pragma: no cover
    own, scored, score, indptr, other, role, strength, total, felt, told, back_weight, shape, quiet, most_rounds
):
    """Pushes changes of φ until none is larger than `quiet`, or too many are. Returns (pushes, rounds).

    `felt` is the sum of m·φ that each row has been told, `told` the φ that each citizen has told; both are brought
    forward with `score`, in place.
    """
    n = len(own)
    frontier = np.empty(n, np.int32)
    frontier_count = 0
    reach = 0
    # A push reads and writes in random places: a sweep over everything costs about as much as an eighth as many.
    most_reach = len(other) // 8
    for j in range(n):
        if scored[j] and abs(phi_of(score[j], shape) - told[j]) > quiet:
            frontier[frontier_count] = j
            frontier_count += 1
            reach += indptr[j + 1] - indptr[j]
            if reach > most_reach:
                return 0, 0
    following = np.empty(n, np.int32)
    touched = np.empty(n, np.int32)
    is_touched = np.zeros(n, np.bool_)
    pushes = 0
    rounds = 0
    while frontier_count > 0 and rounds < most_rounds and reach <= most_reach:
        rounds += 1
        touched_count = 0
        reach = 0
        for f in range(frontier_count):
            j = frontier[f]
            change = phi_of(score[j], shape) - told[j]
            told[j] += change
            for e in range(indptr[j], indptr[j + 1]):
                i = other[e]
                if scored[i]:
                    felt[i] += strength[e] * back_weight[role[e]] * change
                    pushes += 1
                    if not is_touched[i]:
                        is_touched[i] = True
                        touched[touched_count] = i
                        touched_count += 1
        following_count = 0
        for t in range(touched_count):
            i = touched[t]
            is_touched[i] = False
            network = 0.0
            if total[i] > 0.0:
                network = min(max(felt[i] / total[i], -shape[4]), shape[4])
            score[i] = min(max(own[i] + network, shape[5]), shape[6])
            if abs(phi_of(score[i], shape) - told[i]) > quiet:
                following[following_count] = i
                following_count += 1
                reach += indptr[i + 1] - indptr[i]
        frontier, following = following, frontier
        frontier_count = following_count
    return pushes, rounds
