"""The score in plain loops, written straight from the formulas: slow and readable. Tests compare the fast path with it.

    x_ik = Σ amount_e · 2^(−age_e / half_life_k)
    c_ik = clip(points_k · x_ik, −most_k, +most_k)
    C_id = clip(Σ_{k in d} c_ik, −room_d, +room_d)
    o_i  = clip(base + Σ_d C_id, floor, ceiling)

    m_ij = max over ties of i and j of strength · weight(role of j for i)       ties that are tie_wait days old
    a_ij = m_ij / (k0 + Σ_j m_ij)
    φ(s) = −drag · max(0, θ_drag − s) + lift · max(0, s − θ_lift)
    N_i  = clip(Σ_j a_ij · φ(s_j), −cap, +cap)                           0 with fewer than least_ties of m_ij > 0
    s_i  = clip(o_i + N_i, floor, ceiling)

Source: docs/model.md. It shares no code with the fast path except the types of the input.
"""

import math

from scoring.engine.model import Influence, Population, Rules, Ties, TiesAt
from scoring.engine.scale import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE

MINUTES_PER_DAY = MICROSECONDS_PER_DAY / MICROSECONDS_PER_MINUTE


def clip(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def own_score(events: list[tuple[int, float, float]], rules: Rules) -> tuple[float, int]:
    """The own score in points from (kind, age in days, amount) triples, and how many of them counted.

    Those of amount 0 are nothing.
    """
    faded: dict[int, float] = {}
    counted = 0
    for kind, age, amount in events:
        if age < 0 or age > rules.expiry_days[kind] or amount == 0:
            continue
        counted += 1
        half_life = float(rules.half_life_days[kind])
        factor = 1.0 if math.isinf(half_life) else 2.0 ** (-age / half_life)
        faded[kind] = faded.get(kind, 0.0) + amount * factor
    dimensions = [0.0] * len(rules.room)
    for kind, x in sorted(faded.items()):
        if rules.dimension[kind] >= 0:
            most = float(rules.most[kind])
            dimensions[int(rules.dimension[kind])] += clip(float(rules.points[kind]) * x, -most, most)
    moved = sum(clip(total, -float(room), float(room)) for total, room in zip(dimensions, rules.room, strict=True))
    return clip(rules.base + moved, rules.floor, rules.ceiling), counted


def own_scores(population: Population, rules: Rules, *, as_of: int, until: int | None = None) -> list[float | None]:
    """Own scores of all citizens; None for the unscored. Behaviours after `as_of`, up to `until`, have not faded."""
    events = population.events
    latest = as_of if until is None else until
    result: list[float | None] = []
    for i, eligible in enumerate(population.eligible):
        rows = range(int(events.indptr[i]), int(events.indptr[i + 1]))
        triples = [
            (
                int(events.kind[e]),
                _age(int(events.occurred[e]), as_of),
                float(events.amount[e]),
            )
            for e in rows
            if events.occurred[e] <= latest
        ]
        score, counted = own_score(triples, rules)
        result.append(score if eligible and counted >= rules.minimum_behaviours else None)
    return result


def _age(occurred: int, as_of: int) -> float:
    """The age in days of what occurred then; 0 for what occurred after `as_of`."""
    return max(0, as_of - occurred) / MICROSECONDS_PER_DAY


def radiated(score: float, influence: Influence) -> float:
    """φ: the points that a citizen with this score gives to, or takes from, each citizen tied to them."""
    below = max(0.0, influence.theta_drag - score)
    above = max(0.0, score - influence.theta_lift)
    return -influence.drag * below + influence.lift * above


def has_waited(since: int, wait_days: float, as_of: int) -> bool:
    """Whether a tie since this minute is `wait_days` days old at `as_of`; what began after it has age 0."""
    age_days = max(0.0, as_of / MICROSECONDS_PER_MINUTE - since) / MINUTES_PER_DAY
    return age_days >= wait_days


def weights(i: int, own: list[float | None], ties: Ties, influence: Influence, as_of: int) -> dict[int, float]:
    """m_ij of the scored people j who count for citizen i: that of the strongest tie which has waited."""
    # Those that still wait weigh nothing in ties that have been taken as they weigh at a moment.
    since = None if isinstance(ties, TiesAt) else ties.since
    strongest: dict[int, float] = {}
    for e in range(int(ties.indptr[i]), int(ties.indptr[i + 1])):
        j = int(ties.other[e])
        if since is not None and not has_waited(int(since[e]), influence.tie_wait, as_of):
            continue
        m = float(ties.strength[e]) * float(influence.weight[int(ties.role[e])])
        if own[j] is not None and m > 0:
            strongest[j] = max(m, strongest.get(j, 0.0))
    return strongest


def shares(own: list[float | None], ties: Ties, influence: Influence, as_of: int = 0) -> list[list[tuple[int, float]]]:
    """The pairs (other, a_ij) of each citizen. The unscored have none and appear in none."""
    result: list[list[tuple[int, float]]] = []
    for i, mine in enumerate(own):
        m = {} if mine is None else weights(i, own, ties, influence, as_of)
        total = influence.k0 + sum(m.values())
        result.append([(j, m_ij / total) for j, m_ij in m.items()] if len(m) >= influence.least_ties else [])
    return result


def solve(
    own: list[float | None],
    ties: Ties,
    influence: Influence,
    *,
    as_of: int = 0,
    tolerance: float = 1e-9,
    start: list[float] | None = None,
) -> list[float | None]:
    """Finds the fixed point by repeated sweeps, to within `tolerance` points of the exact one.

    `as_of`, in microseconds since 1970, is when ties must have waited; it does not matter for ties without `since`.
    """
    a = shares(own, ties, influence, as_of)
    first = own if start is None else [None if o is None else s for o, s in zip(own, start, strict=True)]
    score = list(first)
    while True:
        after = [None if mine is None else _one(mine, a[i], score, influence) for i, mine in enumerate(own)]
        moves = [abs(x - y) for x, y in zip(after, score, strict=True) if x is not None and y is not None]
        residual = max(moves, default=0.0)
        score = after
        if residual <= tolerance * (1 - influence.modulus):
            return score


def _one(own: float, a: list[tuple[int, float]], score: list[float | None], influence: Influence) -> float:
    return together(own, network_effect(a, score, influence), influence)


def network_effect(a: list[tuple[int, float]], score: list[float | None], influence: Influence) -> float:
    """N: what those with the shares `a` do together at these scores, in points."""
    pull = sum(share * radiated(other, influence) for j, share in a if (other := score[j]) is not None)
    return clip(pull, -influence.cap, influence.cap)


def together(own: float, network: float, influence: Influence) -> float:
    """The score of an own score and a network effect."""
    return clip(own + network, influence.floor, influence.ceiling)
