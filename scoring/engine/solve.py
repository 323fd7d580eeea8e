"""The network effect: the one fixed point of `s = T(s)`, by pushing along the ties of a few or by sweeping over all."""

import numpy as np
from numpy.typing import DTypeLike

from scoring.engine.arrays import Floats, Mask
from scoring.engine.kernels.acceleration import SPARSE, STALLED
from scoring.engine.kernels.certificate import certified_scores
from scoring.engine.kernels.frontier import push_changes
from scoring.engine.kernels.phi import Phi, fill_phi, parameters_of
from scoring.engine.kernels.sweeps import sweep
from scoring.engine.kernels.weights import TieWeights
from scoring.engine.model import Influence, Solution, Ties, refuse

# Rounding can change a share of the network effect by this many units in the last place: every weight is rounded, and
# so are the product of its factors, in the sum above and in the sum below, and the product with φ.
ROUNDING_UNITS = 3
# Single precision is used where rounding takes at most this share of what the tolerance allows.
SINGLE_PRECISION_SHARE = 1 / 4
# Sums are in double precision, and yet not exact; this factor leaves space for their error.
INEXACT_SUMS = 0.99
# Pushing reads and writes in random places: for this share of the ties it takes as long as some sweeps over all.
PUSH_SHARE = 1 / 5
# Scores that sweeps have brought close need few more sweeps, so that only a smaller share is worth pushing.
PUSH_SHARE_AFTER_SWEEPS = 1 / 24
NEVER_PUSH = -1


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

        m_ij = max strength · weight(role of j for i)      over the ties to a scored j
        N_i  = clip(Σ_j m_ij · φ(s_j) / (k0 + Σ_j m_ij), −cap, +cap)       0 with fewer than least_ties of m_ij > 0
        φ(s) = −drag · max(0, θ_drag − s) + lift · max(0, s − θ_lift)
        s_i  = clip(o_i + N_i, floor, ceiling)

    `own` and `scored` have length N; `own` is read only where `scored`. `ties` are those of one moment, see `Ties.at`.
    `start` is any first guess (default: the own scores) and does not change the answer beyond the tolerance.

    Every citizen radiates their φ along their ties. While φ changes for many, all citizens are swept over, with
    Chebyshev's acceleration. Once they are few, only changes of φ are pushed along their ties, so that the work is the
    number of these ties. Pushing needs both directions of every pair, with mirrored roles, as `ties_from_pairs` builds
    them; for other ties, and for differences below single precision, there are sweeps only.

    The last pass, whatever was done before, goes over all ties and computes the scores s that follow from `phi`, the φ
    that each citizen has radiated. With r = max |φ(s_j) − phi_j|, and what rounding may add, no score is further than
    r / (1 − q) from the exact one (Banach; q = max(drag, lift)).

    Raises ValueError naming the fields if the input is not valid; NotConverged if the bound stays above `tolerance`
    points after `max_rounds` rounds, or rounding keeps it from sinking further. Source: docs/model.md, "Network
    effect"; G. H. Golub and R. S. Varga, Chebyshev semi-iterative methods, Numerische Mathematik 3 (1961).
    """
    refuse(influence.problems() + ties.problems(len(scored)) + _problems(own, scored, start, tolerance))
    solver = _Solver(own, scored, ties, influence, tolerance, max_rounds)
    single = len(solver.weights) > 0 and solver.rounding(np.float32) <= SINGLE_PRECISION_SHARE * solver.most_residual
    solution = solver.solve(start, np.float32 if single else np.float64)
    if single and solution.error_bound > tolerance and solution.rounds < max_rounds:
        solution = solver.solve(solution.score, np.float64)
    if solution.error_bound > tolerance:
        raise NotConverged(
            f"The error bound is still {solution.error_bound:g} points after {solution.rounds} rounds; "
            f"{tolerance:g} was asked for."
        )
    return solution


class _Solver:
    """One problem and the rounds made for it so far. Scores and φ are in points."""

    def __init__(
        self, own: Floats, scored: Mask, ties: Ties, influence: Influence, tolerance: float, max_rounds: int
    ) -> None:
        self.influence, self.parameters, self.scored = influence, parameters_of(influence), scored
        # The unscored get a number whose φ is 0 and that nothing moves, so that no loop has to ask who is scored.
        self.own = np.where(scored, own, min(max(influence.theta_drag, influence.floor), influence.ceiling))
        self.weights = TieWeights(ties, influence, scored)
        self.max_rounds, self.rounds, self.pushes = max_rounds, 0, 0
        self.most_residual = tolerance * (1.0 - influence.modulus)

    def rounding(self, precision: DTypeLike) -> float:
        """The most that rounding can add to a network effect, in points, whatever the scores."""
        by = self.influence
        largest_phi = max(by.drag * (by.theta_drag - by.floor), by.lift * (by.ceiling - by.theta_lift), 0.0)
        return ROUNDING_UNITS * float(np.finfo(precision).eps) * largest_phi if len(self.weights) else 0.0

    def solve(self, start: Floats | None, precision: DTypeLike) -> Solution:
        """Pushes or sweeps until the residual is small enough, or no round can make it smaller."""
        score = self.own if start is None else np.where(self.scored, start, self.own)
        phi_tolerance = INEXACT_SUMS * (self.most_residual - self.rounding(precision))
        ties = len(self.weights)
        push_limit, push_limit_after_sweeps = int(PUSH_SHARE * ties), int(PUSH_SHARE_AFTER_SWEEPS * ties)
        while True:
            phi, outcome = self._settle(score, precision, phi_tolerance, push_limit, push_limit_after_sweeps)
            solution = self._certify(phi)
            if solution.residual <= self.most_residual or outcome == STALLED or self.rounds >= self.max_rounds:
                return solution
            # Changes cannot be pushed along ties of one direction only. If that was the reason, sweeps will do.
            score = np.where(self.scored, solution.score, self.own)
            push_limit = push_limit_after_sweeps = NEVER_PUSH
            phi_tolerance /= 2

    def _settle(
        self, score: Floats, precision: DTypeLike, phi_tolerance: float, push_limit: int, push_limit_after_sweeps: int
    ) -> tuple[Phi, int]:
        """Returns (the φ that each citizen has radiated in the end, the outcome), from `score` on."""
        phi = np.empty(len(score), precision)
        fill_phi(score, self.scored, self.parameters, phi)
        received, pending_ties = self.weights.compute(self.own, phi, self.parameters, phi_tolerance)
        if pending_ties <= push_limit:
            outcome = SPARSE
        else:
            outcome = self._sweep(score, phi, received, phi_tolerance, push_limit_after_sweeps)
        if outcome == SPARSE:
            self._push(phi, received, phi_tolerance, push_limit)
        return phi, outcome

    def _sweep(self, score: Floats, phi: Phi, received: Floats, phi_tolerance: float, push_limit: int) -> int:
        outcome, rounds = sweep(
            self.own,
            score,
            phi,
            received,
            self.weights,
            self.parameters,
            phi_tolerance=phi_tolerance,
            push_limit=push_limit,
            most_rounds=self.max_rounds - self.rounds,
        )
        self.rounds += rounds
        self.pushes += rounds * len(self.weights)
        return outcome

    def _push(self, phi: Phi, received: Floats, phi_tolerance: float, most_ties: int) -> None:
        pushes, rounds = push_changes(
            self.own,
            phi,
            received,
            self.weights,
            self.parameters,
            phi_tolerance=phi_tolerance,
            most_ties=most_ties,
            most_rounds=self.max_rounds - self.rounds,
        )
        self.rounds += rounds
        self.pushes += pushes

    def _certify(self, phi: Phi) -> Solution:
        """The scores that follow from `phi`, with a certified bound of their error."""
        columns, residual = certified_scores(self.own, self.scored, phi, self.weights, self.parameters)
        residual += self.rounding(phi.dtype)
        bound = residual / (1.0 - self.influence.modulus)
        return Solution(*columns, self.influence.cap, residual, bound, self.pushes, self.rounds)


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
    """Whether the value of every scored citizen is finite."""
    return bool((np.isfinite(values) | ~scored).all())
