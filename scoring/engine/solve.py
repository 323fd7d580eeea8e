"""The network effect: the one fixed point of `s = T(s)`, by following the few or by sweeping over all."""

import numpy as np
from numba import njit
from numpy.typing import DTypeLike

from scoring.engine.arrays import Floats, Mask
from scoring.engine.kernels.counting import Counting
from scoring.engine.kernels.frontier import followed
from scoring.engine.kernels.phi import Told, phi_of, shape_of, tell
from scoring.engine.kernels.sweeps import FEW, STUCK, swept
from scoring.engine.kernels.threads import BLOCK, drawn, go_on, handed_in, look_ahead, together
from scoring.engine.model import Influence, Solution, Ties, refuse

# By so many units in the last place can rounding change a share of the network effect: every weight is rounded, and
# the product of its factors, in the sum above and the sum below, and the product with what was told.
ROUNDED = 3
# Of what the tolerance allows, rounding may take this share.
SINGLE = 1 / 4
# Sums are in double precision, and yet not exact.
NEARLY = 0.99
# A push reads and writes in random places: in this share of the ties pushing takes as long as some sweeps over all.
FOLLOWED = 1 / 5
# Whom sweeps have brought so far need but few more, so that only fewer are worth following.
FOLLOWED_LATE = 1 / 24
NOBODY = -1


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

    Everybody tells their φ to those who know them. While many have something new to tell, everybody is swept over,
    with Chebyshev's acceleration. Once they are few, it is pushed along their ties, and then only what changes: the
    work is the ties of those who count. Pushing needs both directions of every pair, with mirrored roles, as
    `Ties.from_pairs` builds them; for others, and for what single precision cannot tell, there are sweeps only.

    One pass over all ties has the last word, whatever was done before: it computes the scores s that follow from what
    everybody has `told`. With r = max |φ(s_j) − told_j|, and what rounding may add, no score is further than
    r / (1 − q) from the exact one (Banach; q = max(drag, lift)).

    Raises ValueError naming the fields if the input is not valid; NotConverged if the bound stays above `tolerance`
    points after `max_rounds` rounds, or rounding lets it sink no further. Source: docs/model.md, "Network effect";
    G. H. Golub and R. S. Varga, Chebyshev semi-iterative methods, Numerische Mathematik 3 (1961).
    """
    refuse(influence.problems() + ties.problems(len(scored)) + _problems(own, scored, start, tolerance))
    solver = _Solver(own, scored, ties, influence, tolerance, max_rounds)
    single = len(solver.counting) > 0 and solver.rounding(np.float32) <= SINGLE * solver.most
    solution = solver.solved(start, np.float32 if single else np.float64)
    if single and solution.error_bound > tolerance and solution.rounds < max_rounds:
        solution = solver.solved(solution.score, np.float64)
    if solution.error_bound > tolerance:
        raise NotConverged(
            f"The error bound is still {solution.error_bound:g} points after {solution.rounds} rounds; "
            f"{tolerance:g} was asked for."
        )
    return solution


class _Solver:
    """One problem, and the way to its solution. Scores and φ in points."""

    def __init__(
        self, own: Floats, scored: Mask, ties: Ties, influence: Influence, tolerance: float, max_rounds: int
    ) -> None:
        self.influence, self.shape, self.scored = influence, shape_of(influence), scored
        # The unscored have a number that nothing moves and that tells nothing: nothing needs to ask who is scored.
        self.own = np.where(scored, own, min(max(influence.theta_drag, influence.floor), influence.ceiling))
        self.counting = Counting(ties, influence, scored)
        self.max_rounds, self.rounds, self.pushes = max_rounds, 0, 0
        # So far may the φ of a score be from what was told.
        self.most = tolerance * (1.0 - influence.modulus)

    def rounding(self, precision: DTypeLike) -> float:
        """So many points can rounding add to a network effect, however much is told."""
        drag, lift, theta_drag, theta_lift, _, floor, ceiling = self.shape
        loudest = max(drag * (theta_drag - floor), lift * (ceiling - theta_lift), 0.0)
        return ROUNDED * float(np.finfo(precision).eps) * loudest if len(self.counting) else 0.0

    def solved(self, start: Floats | None, precision: DTypeLike) -> Solution:
        """Follows the few or sweeps over all, until nobody has anything new to tell."""
        score = self.own if start is None else np.where(self.scored, start, self.own)
        quiet = NEARLY * (self.most - self.rounding(precision))
        few, fewer = int(FOLLOWED * len(self.counting)), int(FOLLOWED_LATE * len(self.counting))
        while True:
            told, outcome = self._settled(score, precision, quiet, few, fewer)
            solution = self._certified(told)
            if solution.residual <= self.most or outcome == STUCK or self.rounds >= self.max_rounds:
                return solution
            # Ties one way cannot be followed: if that was in vain, there are sweeps only.
            score, few, fewer = np.where(self.scored, solution.score, self.own), NOBODY, NOBODY
            quiet /= 2

    def _settled(self, score: Floats, precision: DTypeLike, quiet: float, few: int, fewer: int) -> tuple[Told, int]:
        """(what everybody has told in the end, how it ended), from `score` on."""
        told = np.empty(len(score), precision)
        tell(score, self.scored, self.shape, told)
        felt, reach = self.counting.weigh(self.own, told, self.shape, quiet)
        outcome = FEW if reach <= few else self._swept(score, told, felt, quiet, fewer)
        if outcome == FEW:
            self._followed(told, felt, quiet, few)
        return told, outcome

    def _swept(self, score: Floats, told: Told, felt: Floats, quiet: float, few: int) -> int:
        outcome, rounds = swept(
            self.own, score, told, felt, self.counting, self.shape,
            quiet=quiet, few=few, most_rounds=self.max_rounds - self.rounds,
        )  # fmt: skip
        self.rounds, self.pushes = self.rounds + rounds, self.pushes + rounds * len(self.counting)
        return outcome

    def _followed(self, told: Told, felt: Floats, quiet: float, most_reach: int) -> None:
        pushes, rounds = followed(
            self.own, told, felt, self.counting, self.shape,
            quiet=quiet, most_reach=most_reach, most_rounds=self.max_rounds - self.rounds,
        )  # fmt: skip
        self.rounds, self.pushes = self.rounds + rounds, self.pushes + pushes

    def _certified(self, told: Told) -> Solution:
        """The scores that follow from what was told, and how far from the exact ones they can be."""
        counting = self.counting
        columns = score, drag, lift, heard = tuple(np.empty((4, len(self.own))))
        found = np.zeros(len(counting.edges) - 1)
        state = (self.own, self.scored, told, counting.total)
        together(_certify, counting.edges, *counting.rows, *state, self.shape, *columns, found)
        residual = float(found.max()) + self.rounding(told.dtype)
        bound = residual / (1.0 - self.influence.modulus)
        return Solution(score, drag, lift, heard, self.influence.cap, residual, bound, self.pushes, self.rounds)


def _problems(own: Floats, scored: Mask, start: Floats | None, tolerance: float) -> list[tuple[str, str]]:
    found = []
    if len(own) != len(scored) or not _is_finite(own, scored):
        found.append(("own", "must be a finite number for everybody who is scored"))
    if start is not None and (len(start) != len(scored) or not _is_finite(start, scored)):
        found.append(("start", "must be a finite number for everybody who is scored"))
    if not tolerance > 0:
        found.append(("tolerance", "must be more than 0"))
    return found


def _is_finite(values: Floats, scored: Mask) -> bool:
    """Whether every score is."""
    return bool((np.isfinite(values) | ~scored).all())


@njit(cache=True, nogil=True)
def _certify(  # type: ignore[no-untyped-def]  # pragma: no cover
    desk, edges, indptr, other, m, own, scored, told, total, shape, score, drag, lift, heard, found
):
    """Everybody's score and its parts; in `found`, the most that the φ of any of a slice is from what was told."""
    number, s = drawn(desk, edges)
    while number >= 0:
        residual = 0.0
        for first in range(edges[s], edges[s + 1], BLOCK):
            last = min(first + BLOCK, edges[s + 1])
            columns = score[first:last], drag[first:last], lift[first:last], heard[first:last]
            _sum_up(indptr[first : last + 1], other, m, told, drag[first:last], lift[first:last])
            people = own[first:last], told[first:last], total[first:last]
            residual = max(residual, _conclude(*people, shape, *columns))
            _leave_out(scored[first:last], *columns)
        found[s] = residual
        if handed_in(desk, edges):
            go_on(desk, True)
        number, s = drawn(desk, edges)


@njit(cache=True, nogil=True)
def _sum_up(ends, other, m, told, drag, lift):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Sets `drag` and `lift` to twice the sum of all that is negative, or positive, in each row's Σ m · told."""
    for i in range(len(drag)):
        sum_i, size_i = 0.0, 0.0
        for e in range(ends[i], ends[i + 1]):
            look_ahead(told, other, e)
            part = m[e] * told[other[e]]
            sum_i += part
            size_i += abs(part)
        drag[i], lift[i] = sum_i - size_i, sum_i + size_i


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _conclude(own, told, total, shape, score, drag, lift, heard):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The largest difference of φ from what was told; a processor does several rows at once."""
    residual = 0.0
    for i in range(len(own)):
        half = 0.5 / total[i]
        drag[i], lift[i], heard[i] = drag[i] * half, lift[i] * half, told[i]
    for i in range(len(own)):
        network = min(max(drag[i] + lift[i], -shape[4]), shape[4])
        score[i] = min(max(own[i] + network, shape[5]), shape[6])
    for i in range(len(own)):
        residual = max(residual, abs(phi_of(score[i], shape) - told[i]))
    return residual


@njit(cache=True, nogil=True)
def _leave_out(scored, score, drag, lift, heard):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The unscored have no numbers, and tell nothing."""
    for i in range(len(scored)):
        if not scored[i]:
            score[i] = drag[i] = lift[i] = np.nan
            heard[i] = 0.0
