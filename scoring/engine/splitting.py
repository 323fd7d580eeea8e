"""What may be shown of how a network effect is made up: drag and lift, and each role, in whole points."""

import numpy as np
from numpy.typing import NDArray

from scoring.engine.arrays import Floats, Ints, Mask
from scoring.engine.kernels.phi import parameters_of
from scoring.engine.kernels.splits import Guard, WeighedTies, fill_splits
from scoring.engine.kernels.threads import run_in_threads
from scoring.engine.kernels.weights import TieWeights
from scoring.engine.model import Influence, Solution, Ties
from scoring.engine.parts import NOT_SHOWN, PARTS, NetworkSplit, packed, unpacked
from scoring.engine.phi import drag_and_lift

# What fewer people do together, or what one of them mostly does, would tell the score of one of them.
PEOPLE_TO_SHOW_A_PART = 5
LARGEST_SHARE_OF_A_PART = 0.5
# Whoever is tied for a shorter time may have been brought in so that others can be told.
DAYS_TO_BE_COUNTED_AMONG_THEM = 30


def network_splits(
    solution: Solution, ties: Ties, influence: Influence, *, held: Mask | None = None
) -> NDArray[np.int16]:
    """The parts of everybody's network effect that may be shown: N rows of PARTS in whole points, or NOT_SHOWN.

    A part is shown only where at least PEOPLE_TO_SHOW_A_PART people contribute points other than 0 to it who have been
    tied for DAYS_TO_BE_COUNTED_AMONG_THEM, and where nobody contributes more than half of it, in absolute points,
    neither of the whole nor of what those people contribute. Drag and lift are shown both or not at all. Roles are
    shown only where what is left of the total could be shown as well, or is nothing.

    `held` says for each directed tie whether it has been held for so long; by default all have. Rows of `ties` are
    sorted by the other citizen, as `ties_from_pairs` builds them.
    """
    scored = ~np.isnan(solution.score)
    # −0 marks the unscored for the weights.
    phi = np.where(scored, solution.phi, -0.0)
    weights = TieWeights(ties, influence, scored)
    weights.compute(np.zeros(len(phi)), phi, parameters_of(influence), np.inf)
    columns = weights.columns
    mask = np.ones(len(weights), bool) if held is None else np.ascontiguousarray(held)
    weighed = WeighedTies(*columns, np.ascontiguousarray(influence.weight), weights.m, weights.total, mask)
    splits = np.empty((len(scored), len(PARTS)), np.int16)
    guard = Guard(PEOPLE_TO_SHOW_A_PART, LARGEST_SHARE_OF_A_PART, NOT_SHOWN)
    run_in_threads(fill_splits, weights.edges, weighed, phi, guard, splits)
    return splits


def network_split(
    people: Ints, scores: Floats, roles: Ints, strengths: Floats, influence: Influence, *, held: Mask
) -> NetworkSplit:
    """The same of one citizen, from the ties to scored people: to whom, their score, the role, the strength."""
    known, place = np.unique(people, return_inverse=True)
    order, n = np.argsort(place, kind="stable"), len(known) + 1
    score = np.full(n, influence.floor)
    score[place + 1] = scores
    drag, lift = drag_and_lift(score, influence)
    solution = Solution(score, drag, lift, drag + lift, influence.cap, 0.0, 0.0, pushes=0, rounds=0)
    indptr = np.concatenate([[0], np.full(n, len(people))]).astype(np.int64)
    other = (place[order] + 1).astype(np.int32)
    ties = Ties(indptr, other, roles[order].astype(np.int8), strengths[order].astype(np.float32))
    return unpacked(packed(network_splits(solution, ties, influence, held=held[order])[:1])[0].tobytes())
