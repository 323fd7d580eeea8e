"""The scores after a few changes: the same answer as a new solve, in time of the ties of those whose score moves."""

from dataclasses import dataclass

import numpy as np

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.columns import TieColumns
from scoring.engine.kernels.phi import parameters_of
from scoring.engine.kernels.ripple import Scored, Weighing, ripple
from scoring.engine.kernels.rows import lengthened
from scoring.engine.model import Influence, Solution, Ties, refuse
from scoring.engine.solve import solve

# The ties of scattered rows are read more than ten times as slowly as all ties in a sweep. Beyond this share of all
# ties, and more than this number, a new solve takes less time than reading the rest.
RIPPLE_SHARE, RIPPLE_TIES = 1 / 16, 100_000
# The tolerance of φ, as a share of what the error bound allows: sums are not exact.
INEXACT_SUMS = 0.999


@dataclass(frozen=True, slots=True)
class Update:
    """A solution, and the positions of the citizens whose score was computed anew for it."""

    solution: Solution
    moved: Ints


def update(
    before: Solution,
    changed: Ints,
    own: Floats,
    scored: Mask,
    ties: Ties,
    influence: Influence,
    *,
    tolerance: float = 0.001,
    max_rounds: int = 10_000,
) -> Update:
    """Solves for `own`, `scored` and `ties` as they are now, from the solution `before` some citizens changed.

    `changed` are the positions of all citizens whose own score or ties changed; for a tie that began, ended or changed,
    those of both ends. Citizens who became scored or unscored are found here. Citizens may have been added at the end.
    `influence` must be the same as before, and `ties` must hold both directions of every pair, in sorted rows, as they
    weigh at one moment. `before` is not changed.

    Rows are computed afresh from the φ that citizens have radiated, never added to, so nothing drifts. A citizen whose
    φ has come to differ by more than some `phi_tolerance` points from the radiated one radiates it again, and the rows
    of the citizens tied to them are computed. Rows sum to at most 1, so no residual is ever larger than
    `phi_tolerance` or that of the first solution, after any number of updates: that is the certificate. Where changes
    reach very many citizens, everything is solved anew from the scores before.

    Raises as `solve` does, except that ties are not checked again. Source: docs/model.md, "Network effect".
    """
    refuse(influence.problems())
    n = len(scored)
    score, drag, lift = (lengthened(column, n, np.nan) for column in (before.score, before.drag, before.lift))
    was_scored = ~np.isnan(score)
    flipped = np.flatnonzero(was_scored != scored)
    touched = np.union1d(np.asarray(changed, np.int64), flipped)
    refuse(_problems(touched, own, scored))
    gap = 1.0 - influence.modulus
    phi_tolerance = INEXACT_SUMS * tolerance * gap
    if before.error_bound <= tolerance:
        citizens = Scored(own, scored, score, drag, lift, lengthened(before.phi, n, 0.0))
        done = ripple(
            touched,
            flipped,
            citizens,
            TieColumns(ties.indptr, ties.other, ties.role, ties.strength),
            Weighing(np.ascontiguousarray(influence.weight, np.float64), influence.k0, influence.least_ties),
            parameters_of(influence),
            phi_tolerance=phi_tolerance,
            most_ties=max(RIPPLE_TIES, int(RIPPLE_SHARE * len(ties.other))),
        )
        if done.is_settled:
            residual = max(before.residual, phi_tolerance)
            certificate = influence.cap, residual, residual / gap, done.pushes, done.rounds
            solution = Solution(score, drag, lift, citizens.phi, *certificate)
            return Update(solution, np.flatnonzero(done.computed))
    start = np.where(scored & was_scored, lengthened(before.score, n, np.nan), own)
    solution = solve(own, scored, ties, influence, tolerance=tolerance, start=start, max_rounds=max_rounds)
    return Update(solution, np.arange(n))


def _problems(touched: Ints, own: Floats, scored: Mask) -> list[tuple[str, str]]:
    if len(touched) and not 0 <= touched[0] <= touched[-1] < len(scored):
        return [("changed", "must be positions of citizens")]
    if not np.isfinite(own[touched][scored[touched]]).all():
        return [("own", "must be a finite number for everybody who is scored")]
    return []
