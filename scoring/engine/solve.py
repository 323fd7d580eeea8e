"""The network effect: the one fixed point of `s = T(s)`, found by following what changes."""

import numpy as np
from numba import njit

from scoring.engine.model import ROLES, Floats, Influence, Mask, Solution, Ties

REVERSE_ROLE = np.array([ROLES.index({"parent": "child", "child": "parent"}.get(role, role)) for role in ROLES])


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

    `own` and `scored` have length N; `own` is read only where `scored`. `ties` must hold both directions of every
    pair, as `Ties.from_pairs` builds them. `start` is any first guess (default: the own scores) and does not change
    the answer beyond the tolerance.

    Only changes of φ are pushed, along the ties of those whose φ changed. A change too small to matter waits until it
    does not. The residual is then measured afresh by a whole sweep, so rounding in the running sums cannot hide in the
    certificate: with q = max(drag, lift) no score is further than residual / (1 − q) from the exact one (Banach).

    Raises ValueError naming the fields if the influence is not valid, NotConverged if the bound stays above
    `tolerance` points after `max_rounds` rounds. Source: docs/model.md, "Network effect".
    """
    if problems := influence.problems():
        raise ValueError("; ".join(f"{field} {reason}" for field, reason in problems))
    weight = np.ascontiguousarray(influence.weight, np.float64)
    shape = np.array(
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
    arrays = (ties.indptr, ties.other, ties.role, ties.strength, weight)
    own = np.where(scored, own, 0.0)
    score = own.copy() if start is None else np.where(scored, np.clip(start, influence.floor, influence.ceiling), 0.0)
    total_weight = _total_weight(*arrays, scored, influence.k0)
    room = 1.0 - influence.modulus
    quiet = tolerance * room / 2
    pushes = rounds = 0
    while True:
        result, drag, lift = _sweep(own, scored, score, total_weight, *arrays, shape)
        residual = float(np.max(np.abs(result - score), initial=0.0))
        error_bound = residual / room
        if error_bound <= tolerance:
            break
        if rounds >= max_rounds:
            raise NotConverged(
                f"The error bound is still {error_bound:g} points after {rounds} rounds; {tolerance:g} was asked for."
            )
        done = _follow(own, scored, score, total_weight, *arrays, weight[REVERSE_ROLE], shape, quiet, max_rounds - rounds)
        pushes += done[0]
        rounds += max(done[1], 1)
        quiet /= 4
    unscored = ~scored
    for column in (result, drag, lift):
        column[unscored] = np.nan
    network = np.clip(drag + lift, -influence.cap, influence.cap)
    return Solution(result, drag, lift, network, residual, error_bound, pushes, rounds)


@njit(cache=True, inline="always")
def _phi(score, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    return -shape[0] * max(0.0, shape[2] - score) + shape[1] * max(0.0, score - shape[3])


@njit(cache=True)
def _total_weight(indptr, other, role, strength, weight, scored, k0):  # type: ignore[no-untyped-def]  # pragma: no cover
    total = np.zeros(len(scored), np.float64)
    for i in range(len(scored)):
        heavy = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            if scored[other[e]]:
                heavy += strength[e] * weight[role[e]]
        total[i] = k0 + heavy
    return total


@njit(cache=True)
def _sweep(own, scored, score, total_weight, indptr, other, role, strength, weight, shape):  # type: ignore[no-untyped-def]  # pragma: no cover
    """One application of T, with drag and lift apart."""
    n = len(own)
    result = np.zeros(n, np.float64)
    drag = np.zeros(n, np.float64)
    lift = np.zeros(n, np.float64)
    phi = np.zeros(n, np.float64)
    for j in range(n):
        if scored[j]:
            phi[j] = _phi(score[j], shape)
    for i in range(n):
        if not scored[i]:
            continue
        down = 0.0
        up = 0.0
        if total_weight[i] > 0.0:
            for e in range(indptr[i], indptr[i + 1]):
                part = strength[e] * weight[role[e]] * phi[other[e]]
                if part < 0.0:
                    down += part
                else:
                    up += part
            drag[i] = down / total_weight[i]
            lift[i] = up / total_weight[i]
        network = min(max(drag[i] + lift[i], -shape[4]), shape[4])
        result[i] = min(max(own[i] + network, shape[5]), shape[6])
    return result, drag, lift


@njit(cache=True)
def _follow(own, scored, score, total_weight, indptr, other, role, strength, weight, back_weight, shape, quiet, most_rounds):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Push changes of φ until none is larger than `quiet`; `score` is updated in place. Returns (pushes, rounds)."""
    n = len(own)
    told = np.zeros(n, np.float64)
    felt = np.zeros(n, np.float64)
    frontier = np.empty(n, np.int32)
    following = np.empty(n, np.int32)
    touched = np.empty(n, np.int32)
    is_touched = np.zeros(n, np.bool_)
    # Whoever starts away from the own score has to be looked at even if nothing is ever pushed there.
    touched_count = 0
    frontier_count = 0
    for j in range(n):
        if scored[j]:
            if score[j] != own[j]:
                is_touched[j] = True
                touched[touched_count] = j
                touched_count += 1
            if abs(_phi(score[j], shape)) > quiet:
                frontier[frontier_count] = j
                frontier_count += 1
    pushes = 0
    rounds = 0
    while (frontier_count > 0 or touched_count > 0) and rounds < most_rounds:
        rounds += 1
        for f in range(frontier_count):
            j = frontier[f]
            change = _phi(score[j], shape) - told[j]
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
            if total_weight[i] > 0.0:
                network = min(max(felt[i] / total_weight[i], -shape[4]), shape[4])
            score[i] = min(max(own[i] + network, shape[5]), shape[6])
            if abs(_phi(score[i], shape) - told[i]) > quiet:
                following[following_count] = i
                following_count += 1
        touched_count = 0
        frontier, following = following, frontier
        frontier_count = following_count
    return pushes, rounds
