"""The network effect: the one fixed point of `s = T(s)`, by following the few or by sweeping over all."""

from typing import Any

import numpy as np
from numba import njit

from scoring.engine.counting import Counting
from scoring.engine.frontier import followed
from scoring.engine.model import Floats, Influence, Mask, Solution, Ties, refuse
from scoring.engine.phi import Told, phi_of, scores_of, shape_of, tell
from scoring.engine.slices import in_slices
from scoring.engine.sweeps import swept

# φ in single precision is right to less than this many points.
SINGLE = 1e-4
# The rest of what the tolerance allows is for rounding.
SHARE = 0.8
# A push reads and writes in random places: in this share of the ties pushing takes as long as some sweeps over all.
FOLLOWED = 1 / 5
# Whom sweeps have brought so far need but few more, so that only fewer are worth following.
FOLLOWED_LATE = 1 / 24


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
    solution = solver.quickly(start)
    if solution.error_bound > tolerance and solution.rounds < max_rounds:
        solution = solver.surely(solution.score)
    if solution.error_bound > tolerance:
        raise NotConverged(
            f"The error bound is still {solution.error_bound:g} points after {solution.rounds} rounds; "
            f"{tolerance:g} was asked for."
        )
    return solution


class _Solver:
    """One problem, and the ways to its solution. Scores and φ in points."""

    def __init__(
        self, own: Floats, scored: Mask, ties: Ties, influence: Influence, tolerance: float, max_rounds: int
    ) -> None:
        self.own, self.influence, self.shape = own, influence, shape_of(influence)
        self.counting = Counting(ties, influence, scored)
        self.most_reach, self.few = int(FOLLOWED * len(ties.other)), int(FOLLOWED_LATE * len(ties.other))
        self.max_rounds, self.rounds, self.pushes = max_rounds, 0, 0
        # So far may the φ of a score be from what was told.
        self.most = tolerance * (1.0 - influence.modulus)

    def quickly(self, start: Floats | None) -> Solution:
        """Sweeps and pushes by turns, until nobody has anything new to tell."""
        quiet = SHARE * self.most
        self.counting.weigh(np.float32 if quiet >= SINGLE else np.float64)
        if start is None:
            told, felt = np.zeros(len(self.own), self.counting.m.dtype), np.zeros(len(self.own))
        else:
            told, felt = self._swept(start, quiet=quiet, few=self.few)
        while not self._followed(told, felt, quiet) and self.rounds < self.max_rounds:
            told, felt = self._swept(self._scores(felt), quiet=quiet, few=self.few)
        return self._certified(told)

    def surely(self, start: Floats) -> Solution:
        """Sweeps alone, in double precision."""
        q = self.influence.modulus
        self.counting.weigh(np.float64)
        told, felt = self._swept(start, wanted=self.most / (q * q) if q > 0 else np.inf)
        tell(self._scores(felt), self.counting.scored, self.shape, told)
        return self._certified(told)

    def _swept(self, start: Floats, *, quiet: float = 0.0, few: int = -1, wanted: float = 0.0) -> tuple[Told, Floats]:
        until: dict[str, Any] = {"quiet": quiet, "few": few, "wanted": wanted}
        left = self.max_rounds - self.rounds
        told, felt, rounds = swept(self.own, start, self.counting, self.shape, **until, most_rounds=left)
        self.rounds, self.pushes = self.rounds + rounds, self.pushes + rounds * len(self.counting)
        return told, felt

    def _followed(self, told: Told, felt: Floats, quiet: float) -> bool:
        left = self.max_rounds - self.rounds
        state = (self.own, told, felt, self.counting, self.shape)
        pushes, rounds, settled = followed(*state, quiet=quiet, most_rounds=left, most_reach=self.most_reach)
        self.rounds, self.pushes = self.rounds + rounds, self.pushes + pushes
        return settled

    def _scores(self, felt: Floats) -> Floats:
        return scores_of(self.own, felt, self.counting.total, self.shape)  # type: ignore[no-any-return]

    def _certified(self, told: Told) -> Solution:
        """The scores that follow from what was told, computed afresh, and how far from the exact ones they can be."""
        n, counting = len(self.own), self.counting
        score, drag, lift, network = (np.empty(n) for _ in range(4))
        arrays = (self.own, counting.scored, told, counting.total, *counting.rows, self.shape)
        parts = (score, drag, lift, network)
        found = in_slices(counting.slices, lambda first, last: _certify(first, last, *arrays, *parts))  # type: ignore[call-arg]
        # Every m is rounded, and every product with it: together by less than one unit in the last place.
        rounding = np.finfo(counting.m.dtype).eps * np.abs(told).max(initial=0.0) if len(counting) else 0.0
        residual = max(found) + float(rounding)
        bound = residual / (1.0 - self.influence.modulus)
        heard = told.astype(np.float64, copy=False)
        return Solution(score, drag, lift, network, heard, residual, bound, self.pushes, self.rounds)


def _problems(own: Floats, scored: Mask, start: Floats | None, tolerance: float) -> list[tuple[str, str]]:
    found = []
    if len(own) != len(scored) or not np.isfinite(own[scored]).all():
        found.append(("own", "must be a finite number for everybody who is scored"))
    if start is not None and (len(start) != len(scored) or not np.isfinite(start[scored]).all()):
        found.append(("start", "must be a finite number for everybody who is scored"))
    if not tolerance > 0:
        found.append(("tolerance", "must be more than 0"))
    return found


@njit(cache=True, nogil=True)
def _certify(  # type: ignore[no-untyped-def]  # pragma: no cover
    first, last, own, scored, told, total, indptr, other, m, shape, score, drag, lift, network
):
    """The rows first … last − 1. Returns how far the φ of any of them is from what they told."""
    residual = 0.0
    for i in range(first, last):
        if not scored[i]:
            score[i] = drag[i] = lift[i] = network[i] = np.nan
            continue
        felt, size = 0.0, 0.0
        for e in range(indptr[i], indptr[i + 1]):
            part = m[e] * told[other[e]]
            felt += part
            size += abs(part)
        whole = total[i] if total[i] > 0.0 else np.inf
        drag[i], lift[i] = (felt - size) / 2 / whole, (felt + size) / 2 / whole
        network[i] = min(max(drag[i] + lift[i], -shape[4]), shape[4])
        score[i] = min(max(own[i] + network[i], shape[5]), shape[6])
        residual = max(residual, abs(phi_of(score[i], shape) - told[i]))
    return residual
