"""Own scores: one pass over each citizen's behaviours, with no accumulators that could drift."""

import numpy as np
from numba import njit, prange

from scoring.engine.model import Mask, Own, Population, Rules


def own_scores(population: Population, rules: Rules) -> Own:
    """What each citizen's own conduct gives, before anyone else counts.

        x_ik = Σ amount_e · 2^(−age_e / half_life_k)      0 ≤ age_e ≤ expiry_k
        c_ik = clip(points_k · x_ik, −most_k, +most_k)
        o_i  = clip(base + Σ_d clip(Σ_{k in d} c_ik, −room_d, +room_d), floor, ceiling)

    Ages in days, scores in points. Citizens who are not eligible, or of whom fewer behaviours count than the minimum,
    are unscored. Each citizen is computed alone and in the order of the columns, so the result is the same on every
    run. Raises ValueError naming the fields if the rules are not valid. Source: docs/model.md, "Own score".
    """
    if problems := rules.problems():
        raise ValueError("; ".join(f"{field} {reason}" for field, reason in problems))
    events = population.events
    decay = np.where(np.isinf(rules.half_life_days), 0.0, 1.0 / rules.half_life_days)
    score, counted = _fold(
        events.indptr,
        events.kind,
        events.age_days,
        events.amount,
        rules.points,
        decay,
        rules.expiry_days,
        rules.most,
        rules.dimension,
        rules.room,
        rules.base,
        rules.floor,
        rules.ceiling,
    )
    scored: Mask = population.eligible & (counted >= rules.minimum_behaviours)
    return Own(np.where(scored, score, np.nan), scored, counted)


@njit(parallel=True, cache=True)
def _fold(indptr, kind, age, amount, points, decay, expiry, most, dimension, room, base, floor, ceiling):  # type: ignore[no-untyped-def]  # pragma: no cover
    n = len(indptr) - 1
    score = np.empty(n, np.float64)
    counted = np.zeros(n, np.int64)
    for i in prange(n):
        x = np.zeros(len(points), np.float64)
        for e in range(indptr[i], indptr[i + 1]):
            k = kind[e]
            if 0.0 <= age[e] <= expiry[k]:
                counted[i] += 1
                x[k] += amount[e] * 2.0 ** (-age[e] * decay[k])
        total = np.zeros(len(room), np.float64)
        for k in range(len(points)):
            if dimension[k] >= 0:
                total[dimension[k]] += min(max(points[k] * x[k], -most[k]), most[k])
        own = base
        for d in range(len(room)):
            own += min(max(total[d], -room[d]), room[d])
        score[i] = min(max(own, floor), ceiling)
    return score, counted


