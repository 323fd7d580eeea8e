"""Own scores: one pass over each citizen's behaviours, with no accumulators that could drift."""

import math

import numpy as np
from numba import njit

from scoring.engine.arrays import Mask
from scoring.engine.kernels.threads import cut, drawn, go_on, handed_in, together
from scoring.engine.model import Own, Population, Rules, refuse
from scoring.engine.scale import DAY


def own_scores(population: Population, rules: Rules, *, as_of: int, until: int | None = None) -> Own:
    """What each citizen's own conduct gives, before anyone else counts.

        age_e = max(0, as_of − occurred_e)                 occurred_e ≤ until
        x_ik = Σ amount_e · 2^(−age_e / half_life_k)       age_e ≤ expiry_k
        c_ik = clip(points_k · x_ik, −most_k, +most_k)
        o_i  = clip(base + Σ_d clip(Σ_{k in d} c_ik, −room_d, +room_d), floor, ceiling)

    `as_of` and `until` (default: `as_of`) in microseconds since 1970, ages in days, scores in points. What occurred
    between the two has not begun to fade: that is how live updates take it into account between runs.

    Citizens who are not eligible, or of whom fewer behaviours count than the minimum, are unscored. Each citizen is
    computed alone and in the order of the columns, so the result is the same on every run. Raises ValueError naming
    the fields if the rules or the columns are not valid. Source: docs/model.md, "Own score".
    """
    refuse(rules.problems() + population.problems(len(rules.points)))
    events = population.events
    decay = np.where(np.isinf(rules.half_life_days), 0.0, math.log(2.0) / rules.half_life_days)
    limits = np.array([rules.base, rules.floor, rules.ceiling])
    score = np.empty(len(population), np.float64)
    counted = np.empty(len(population), np.int64)
    columns = (events.indptr, events.kind, events.occurred, events.amount, as_of, as_of if until is None else until)
    weights = (rules.points, decay, rules.expiry_days, rules.most, rules.dimension, rules.room, limits)
    together(_fold, cut(events.indptr), *columns, *weights, score, counted)
    scored: Mask = population.eligible & (counted >= rules.minimum_behaviours)
    score[~scored] = np.nan
    return Own(score, scored, counted)


@njit(cache=True, nogil=True)
def _fold(  # type: ignore[no-untyped-def]  # pragma: no cover
    desk, edges, indptr, kind, occurred, amount, as_of, until, points, decay, expiry, most, dimension, room, limits,
    score, counted,
):  # fmt: skip
    x = np.zeros(len(points), np.float64)
    total = np.zeros(len(room), np.float64)
    number, s = drawn(desk, edges)
    while number >= 0:
        for i in range(edges[s], edges[s + 1]):
            x[:] = 0.0
            total[:] = 0.0
            count = 0
            for e in range(indptr[i], indptr[i + 1]):
                k = kind[e]
                age = max(0, as_of - occurred[e]) / DAY
                if occurred[e] <= until and age <= expiry[k]:
                    count += 1
                    if decay[k] == 0.0:
                        x[k] += amount[e]
                    else:
                        x[k] += amount[e] * math.exp(-age * decay[k])
            for k in range(len(points)):
                if dimension[k] >= 0:
                    total[dimension[k]] += min(max(points[k] * x[k], -most[k]), most[k])
            own = limits[0]
            for d in range(len(room)):
                own += min(max(total[d], -room[d]), room[d])
            score[i] = min(max(own, limits[1]), limits[2])
            counted[i] = count
        if handed_in(desk, edges):
            go_on(desk, True)
        number, s = drawn(desk, edges)
