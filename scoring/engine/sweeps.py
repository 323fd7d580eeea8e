"""Sweeping over everybody, where many have something new to tell: Chebyshev's acceleration of s ← T(s)."""

from typing import Any

import numpy as np
from numba import njit

from scoring.engine.counting import Counting
from scoring.engine.model import Floats
from scoring.engine.phi import Told, phi_of, score_of
from scoring.engine.slices import in_slices

# An accelerated residual may rise for a while where a limit begins or ceases to bind.
PATIENCE = 8


def swept(
    own: Floats, score: Floats, counting: Counting, shape: Floats, *,
    quiet: float, few: int, wanted: float, most_rounds: int,
) -> tuple[Told, Floats, int]:  # fmt: skip
    """(told, felt, rounds) of the last sweep, from `score` on: everybody's φ, and Σ m · φ of every row.

    Ends when those whose φ moved by more than `quiet` points have at most `few` directed ties, when no score moved by
    more than what is `wanted`, or when they settle no further. Should acceleration lead nowhere, plain sweeps go on,
    which cannot fail. In the precision of the weights.
    """
    scored, total = counting.scored, counting.total
    felt, (now, told, after) = np.zeros(len(own)), (np.zeros(len(own), counting.m.dtype) for _ in range(3))
    pace = _begin(scored, score, total, counting.k0, shape, now, told)
    before = now.copy()
    factor, least, in_vain, plain = 1.0, np.inf, 0, False
    for rounds in range(1, most_rounds + 1):
        state = (own, scored, total, now, before, told, after, felt)
        residual, reach = _relaxed(counting, (*state, *counting.rows, shape, factor, quiet))
        in_vain = 0 if residual < least else in_vain + 1
        if reach <= few or residual <= wanted or (plain and in_vain == PATIENCE):
            break
        if in_vain == PATIENCE:
            plain, in_vain = True, 0
        least = min(least, residual)
        factor = 1.0 if plain else 1.0 / (1.0 - pace * pace * factor / (2.0 if rounds == 1 else 4.0))
        now, before, told, after = before, now, after, told
    return told, felt, rounds


def _relaxed(counting: Counting, arrays: tuple[Any, ...]) -> tuple[float, int]:
    found = in_slices(counting.slices, lambda first, last: _relax(first, last, *arrays))
    return max(residual for residual, _ in found), sum(reach for _, reach in found)


@njit(cache=True, nogil=True)
def _begin(scored, score, total, k0, shape, now, told):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Everybody is at their score, and tells its φ. Returns by about how much a sweep will bring a difference down.

    That is how steep φ is at each score, weighed by ties, times the share of the rows that is not the shield's: at most
    max(drag, lift), and mostly far less. A wrong guess costs sweeps, nothing else.
    """
    steep, whole = 0.0, 0.0
    for i in range(len(score)):
        if scored[i]:
            now[i] = min(max(score[i], shape[5]), shape[6])
            told[i] = phi_of(now[i], shape)
            whole += total[i]
            if now[i] < shape[2]:
                steep += shape[0] * (total[i] - k0)
            elif now[i] > shape[3]:
                steep += shape[1] * (total[i] - k0)
    return steep / whole if whole > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _relax(  # type: ignore[no-untyped-def]  # pragma: no cover
    first, last, own, scored, total, now, before, told, after, felt, indptr, other, m, shape, factor, quiet
):
    """One accelerated sweep over the rows first … last − 1, from `now` into `before`, from `told` to `after`.

    Returns the largest residual, and the directed ties of those whose φ moved by more than `quiet`.
    """
    residual, reach = 0.0, 0
    for i in range(first, last):
        pull = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            pull += m[e] * told[other[e]]
        if not scored[i]:
            continue
        felt[i] = pull
        result = score_of(own[i], pull, total[i], shape)
        residual = max(residual, abs(result - now[i]))
        # A product, not a branch: who moved cannot be foreseen.
        moved = abs(phi_of(result, shape) - told[i]) > quiet
        reach += (indptr[i + 1] - indptr[i]) * moved
        result = min(max(before[i] + factor * (result - before[i]), shape[5]), shape[6])
        before[i] = result
        after[i] = phi_of(result, shape)
    return residual, reach
