"""The network effect: the one fixed point of `s = T(s)`, by following the few or by sweeping over all."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.model import REVERSE_ROLE as REVERSE_ROLE
from scoring.engine.model import Floats, Influence, Mask, Solution, Ties, refuse
from scoring.engine.slices import cut, in_slices

# With φ in single precision residuals are sure to sink to this many points, and hardly further.
SINGLE = 4e-4
# An accelerated residual may rise for a while where a limit begins or ceases to bind.
PATIENCE = 8
# A push reads and writes in random places: it costs about as much as a sweep takes for so many ties.
PUSH = 4


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

    Where few have a φ at all, it is pushed along their ties, and then only what changes: the work is the ties of those
    who count. Else everybody is swept over, with Chebyshev's acceleration: with q = max(drag, lift) a sweep brings the
    error down by about q / (1 + √(1 − q²)) instead of q. Should that ever lead nowhere, plain sweeps go on, which
    cannot fail. Following needs both directions of every pair, with mirrored roles, as `Ties.from_pairs` builds them;
    sweeps do not, and have the last word.

    The scores x of the last sweep but one have told φ(x), the last one computes T(x) from it, and r = max |T(x) − x|
    is what it finds. So no score is further than q · r / (1 − q) from the exact one (Banach), whatever was done before.

    Raises ValueError naming the fields if the input is not valid; NotConverged if the bound stays above `tolerance`
    points after `max_rounds` rounds, or rounding lets it sink no further. Source: docs/model.md, "Network effect";
    G. H. Golub and R. S. Varga, Chebyshev semi-iterative methods, Numerische Mathematik 3 (1961).
    """
    refuse(influence.problems() + ties.problems(len(scored)) + _problems(own, scored, start, tolerance))
    sweeps = _Sweeps(own, scored, ties, influence)
    if start is None:
        score, pushes, rounds, settled = sweeps.followed(tolerance, max_rounds)
    else:
        score, pushes, rounds, settled = sweeps.in_range(start), 0, 0, False
    wanted, least = sweeps.residual_for(tolerance), np.inf
    while True:
        if not settled:
            precise = wanted < SINGLE or least < SINGLE
            score, done = sweeps.swept(score, wanted, max_rounds - rounds, np.float64 if precise else np.float32)
            pushes, rounds = pushes + done * len(ties.other), rounds + done
        solution = sweeps.certified(score, pushes, rounds)
        if solution.error_bound <= tolerance:
            return solution
        if rounds >= max_rounds or solution.residual >= least:
            raise NotConverged(
                f"The error bound is still {solution.error_bound:g} points after {rounds} rounds; "
                f"{tolerance:g} was asked for."
            )
        settled, least = False, solution.residual


class _Sweeps:
    """What solves one problem: the ties, who counts for whom, and the ways to go on from some scores."""

    def __init__(self, own: Floats, scored: Mask, ties: Ties, influence: Influence) -> None:
        self.scored, self.ties, self.influence = scored, ties, influence
        self.own = np.where(scored, own, 0.0)
        self.weight = np.ascontiguousarray(influence.weight, np.float64)
        self.shape = shape_of(influence)
        self.slices = cut(ties.indptr)
        self.total = np.empty(len(own), np.float64)
        rows: tuple[Any, ...] = (*_columns(ties), self.weight, scored, influence.k0, self.total)
        in_slices(self.slices, lambda first, last: _weigh(first, last, *rows))

    def residual_for(self, tolerance: float) -> float:
        """The residual of scores from which one more sweep is certified to this tolerance."""
        q = self.influence.modulus
        return tolerance * (1.0 - q) / q if q > 0 else np.inf

    def in_range(self, score: Floats) -> Floats:
        return np.where(self.scored, np.clip(score, self.influence.floor, self.influence.ceiling), 0.0)

    def followed(self, tolerance: float, most_rounds: int) -> tuple[Floats, int, int, bool]:
        """(scores, pushes, rounds, whether that was all) from the own scores on, as long as few have a φ to push."""
        score, n = self.own.copy(), len(self.own)
        quiet = tolerance * (1.0 - self.influence.modulus) / 2
        felt, told = np.zeros(n), np.zeros(n)
        sums: tuple[Any, ...] = (self.total, felt, told, self.weight[REVERSE_ROLE], self.shape, quiet, most_rounds)
        return score, *_follow(self.own, self.scored, score, *_columns(self.ties), *sums)

    def swept(
        self, score: Floats, wanted: float, most_rounds: int, precision: type[np.floating[Any]]
    ) -> tuple[Floats, int]:
        """Scores whose residual is about what is `wanted`, or as little as can be had, and after how many sweeps."""
        score, before = score.copy(), score.copy()
        phi = _phis(score, self.scored, self.shape).astype(precision)
        after, weight = phi.copy(), self.weight.astype(precision)
        q, factor, residual, least, in_vain, plain = self.influence.modulus, 1.0, np.inf, np.inf, 0, False
        for rounds in range(1, most_rounds + 1):
            rows = (self.own, self.scored, score, before, self.total, phi, after, *_columns(self.ties), weight)
            last, residual = residual, self._relaxed(rows, factor)
            phi, after = after, phi
            # It shrinks from one sweep to the next about as it did the last time.
            if residual <= wanted / 2 or residual * residual <= wanted / 2 * last < np.inf:
                break
            in_vain = 0 if residual < least else in_vain + 1
            least = min(least, residual)
            if in_vain == PATIENCE:
                if plain:
                    break
                plain, in_vain = True, 0
            factor = 1.0 if plain else 1.0 / (1.0 - q * q * factor / (2.0 if rounds == 1 else 4.0))
        return score, rounds

    def _relaxed(self, rows: tuple[Any, ...], factor: float) -> float:
        found: list[float] = in_slices(self.slices, lambda first, last: _relax(first, last, *rows, self.shape, factor))  # type: ignore[call-arg]
        return max(found)

    def certified(self, score: Floats, pushes: int, rounds: int) -> Solution:
        """T of these scores, computed afresh, and how far from the exact ones it can be."""
        n, q = len(score), self.influence.modulus
        told = _phis(score, self.scored, self.shape)
        result, drag, lift = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
        rows = (self.own, self.scored, score, told, self.total, *_columns(self.ties), self.weight, self.shape)
        found = in_slices(self.slices, lambda first, last: _sweep(first, last, *rows, result, drag, lift))  # type: ignore[call-arg]
        residual = q * max(found)
        network = np.clip(drag + lift, -self.influence.cap, self.influence.cap)
        return Solution(result, drag, lift, network, told, residual, residual / (1.0 - q), pushes, rounds)


def _columns(ties: Ties) -> tuple[NDArray[Any], ...]:
    """The columns as compiled code reads them fastest: an index that cannot be negative needs no second look."""
    return ties.indptr.view(np.uint64), ties.other.view(np.uint32), ties.role.view(np.uint8), ties.strength


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
def _weigh(first, last, indptr, other, role, strength, weight, scored, k0, total):  # type: ignore[no-untyped-def]  # pragma: no cover
    """k0 + Σ m of every row, over those who are scored."""
    for i in range(first, last):
        heavy = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            if scored[other[e]]:
                heavy += strength[e] * weight[role[e]]
        total[i] = k0 + heavy


@njit(cache=True, nogil=True)
def _relax(  # type: ignore[no-untyped-def]  # pragma: no cover
    first, last, own, scored, score, before, total, phi, after, indptr, other, role, strength, weight, shape, factor
):
    """One accelerated sweep over the rows first … last − 1, from `phi` to `after`. Returns the largest residual."""
    residual = 0.0
    for i in range(first, last):
        if not scored[i]:
            continue
        pull = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            pull += strength[e] * weight[role[e]] * phi[other[e]]
        network = min(max(pull / total[i], -shape[4]), shape[4]) if total[i] > 0.0 else 0.0
        result = min(max(own[i] + network, shape[5]), shape[6])
        residual = max(residual, abs(result - score[i]))
        result = min(max(before[i] + factor * (result - before[i]), shape[5]), shape[6])
        before[i] = score[i]
        score[i] = result
        after[i] = phi_of(result, shape)
    return residual


@njit(cache=True, nogil=True)
def _sweep(  # type: ignore[no-untyped-def]  # pragma: no cover
    first, last, own, scored, score, phi, total, indptr, other, role, strength, weight, shape, result, drag, lift
):
    """One application of T to the rows first … last − 1, with drag and lift apart. Returns their largest change."""
    residual = 0.0
    for i in range(first, last):
        if not scored[i]:
            continue
        down = 0.0
        up = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            # Without a branch: whether somebody drags or lifts cannot be foreseen.
            part = strength[e] * weight[role[e]] * phi[other[e]]
            down += min(part, 0.0)
            up += max(part, 0.0)
        drag[i] = down / total[i] if total[i] > 0.0 else 0.0
        lift[i] = up / total[i] if total[i] > 0.0 else 0.0
        network = min(max(drag[i] + lift[i], -shape[4]), shape[4])
        result[i] = min(max(own[i] + network, shape[5]), shape[6])
        residual = max(residual, abs(result[i] - score[i]))
    return residual


@njit(cache=True, nogil=True)
def _follow(  # type: ignore[no-untyped-def]  # pragma: no cover
    own, scored, score, indptr, other, role, strength, total, felt, told, back_weight, shape, quiet, most_rounds
):
    """Pushes changes of φ until none is larger than `quiet`, or too many are. Returns (pushes, rounds, settled).

    `felt` is the sum of m·φ that each row has been told, `told` the φ that each citizen has told; both are brought
    forward with `score`, in place.
    """
    n = len(own)
    frontier = np.empty(n, np.int32)
    frontier_count = 0
    reach = 0
    most_reach = len(other) // PUSH
    for j in range(n):
        if scored[j] and abs(phi_of(score[j], shape) - told[j]) > quiet:
            frontier[frontier_count] = j
            frontier_count += 1
            reach += indptr[j + 1] - indptr[j]
            if reach > most_reach:
                return 0, 0, False
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
    return pushes, rounds, frontier_count == 0
