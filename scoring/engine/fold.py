"""Own scores: one pass over the behaviours of each citizen, without accumulators that could drift."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.columns import EventColumns
from scoring.engine.kernels.threads import claim_slice, close_queue, finish_slice, run_in_threads, slice_edges
from scoring.engine.model import Own, Population, Rules, refuse
from scoring.engine.scale import MICROSECONDS_PER_DAY


class _FoldRules(NamedTuple):
    """`Rules` as compiled code takes them. `decay` is ln 2 / half-life per day, and 0 where there is no half-life."""

    points: Floats
    decay: Floats
    expiry_days: Floats
    most: Floats
    dimension: Ints
    room: Floats
    base: float
    floor: float
    ceiling: float


class _Moments(NamedTuple):
    """In microseconds since 1970."""

    as_of: int
    until: int


def own_scores(population: Population, rules: Rules, *, as_of: int, until: int | None = None) -> Own:
    """Computes the score that each citizen's own behaviours give, before ties count.

        age_e = max(0, as_of − occurred_e)                 occurred_e ≤ until
        x_ik = Σ amount_e · 2^(−age_e / half_life_k)       age_e ≤ expiry_k
        c_ik = clip(points_k · x_ik, −most_k, +most_k)
        o_i  = clip(base + Σ_d clip(Σ_{k in d} c_ik, −room_d, +room_d), floor, ceiling)

    `as_of` and `until` (default: `as_of`) are in microseconds since 1970, ages in days, scores in points. Behaviours
    that occurred between the two have not begun to fade: that is how live updates count them between runs.

    Citizens who are not eligible, or of whom fewer behaviours of an amount other than 0 count than the minimum, are
    unscored. Each citizen is computed independently and in the order of the columns, so the result is the same on every
    run. Raises ValueError naming the fields if the rules or the columns are not valid. Source: docs/model.md, "Own
    score".
    """
    refuse(rules.problems() + population.problems(len(rules.points)))
    events = population.events
    score = np.empty(len(population), np.float64)
    counted = np.empty(len(population), np.int64)
    columns = EventColumns(events.indptr, events.kind, events.occurred, events.amount)
    moments = _Moments(as_of, as_of if until is None else until)
    run_in_threads(_fold, slice_edges(events.indptr), columns, moments, _fold_rules(rules), score, counted)
    scored: Mask = population.eligible & (counted >= rules.minimum_behaviours)
    score[~scored] = np.nan
    return Own(score, scored, counted)


def _fold_rules(rules: Rules) -> _FoldRules:
    decay = np.where(np.isinf(rules.half_life_days), 0.0, math.log(2.0) / rules.half_life_days)
    limits = float(rules.base), float(rules.floor), float(rules.ceiling)
    return _FoldRules(rules.points, decay, rules.expiry_days, rules.most, rules.dimension, rules.room, *limits)


@njit(cache=True, nogil=True)
def _fold(queue, events, moments, rules, score, counted):  # type: ignore[no-untyped-def]
    x = np.zeros(len(rules.points), np.float64)
    total = np.zeros(len(rules.room), np.float64)
    number, s = claim_slice(queue)
    while number >= 0:
        for i in range(queue.edges[s], queue.edges[s + 1]):
            counted[i] = _add_up(events, events.indptr[i], events.indptr[i + 1], moments, rules, x)
            score[i] = _own_score(rules, x, total)
        if finish_slice(queue):
            close_queue(queue)
        number, s = claim_slice(queue)


@njit(cache=True, nogil=True)
def _add_up(events, start, stop, moments, rules, x):  # type: ignore[no-untyped-def]
    """Sets `x` to the faded sums of the entries of one row, and returns how many of them count."""
    kind, occurred, amount = events.kind, events.occurred, events.amount
    decay, expiry_days = rules.decay, rules.expiry_days
    x[:] = 0.0
    count = 0
    for e in range(start, stop):
        if amount[e] == 0.0:
            continue
        k = kind[e]
        age = max(0, moments.as_of - occurred[e]) / MICROSECONDS_PER_DAY
        if occurred[e] <= moments.until and age <= expiry_days[k]:
            count += 1
            if decay[k] == 0.0:
                x[k] += amount[e]
            else:
                x[k] += amount[e] * math.exp(-age * decay[k])
    return count


@njit(cache=True, nogil=True)
def _own_score(rules, x, total):  # type: ignore[no-untyped-def]
    """The own score from the faded sums `x`; `total` is used for the sums of the dimensions."""
    points, most, dimension, room = rules.points, rules.most, rules.dimension, rules.room
    total[:] = 0.0
    for k in range(len(points)):
        if dimension[k] >= 0:
            total[dimension[k]] += min(max(points[k] * x[k], -most[k]), most[k])
    own = rules.base
    for d in range(len(room)):
        own += min(max(total[d], -room[d]), room[d])
    return min(max(own, rules.floor), rules.ceiling)
