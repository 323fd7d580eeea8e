"""A draft tried on the whole population beside the published rule set. Nothing is written."""

import itertools
import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from observatory.effects import Effect, effects
from observatory.measures import (
    UNSCORED,
    Labels,
    NetworkEffect,
    Segregation,
    band_positions,
    moves,
    network_effect,
    segregation_in_rows,
)
from scoring.engine.scale import CEILING, FLOOR, SPAN
from scoring.lab.population import frozen, in_force
from scoring.lab.solving import Solved, solved
from scoring.models import RuleSet, Run
from scoring.snapshot import Snapshot
from sesame_site.kit.database.readonly import read_only

BIN = 25
MOVE_EDGES = (0, 1, 5, 10, 25, 50, 100, SPAN + 1)


@dataclass(frozen=True)
class Side:
    """One rule set on the population: citizens per 25 points and per band, and what ties do."""

    rule_set: RuleSet
    scored: int
    histogram: list[tuple[int, int]]
    bands: list[tuple[str, int]]
    network: NetworkEffect
    segregation: Segregation
    error_bound: float

    @property
    def assortativity(self) -> float | None:
        """Newman's coefficient of the bands across ties, -1 to 1; None where everybody is in one band."""
        coefficient = self.segregation.assortativity
        return None if math.isnan(coefficient) else coefficient


@dataclass(frozen=True)
class Preview:
    """What a draft would change. Every number counts citizens unless it says points or share.

    With a `run`, both sides are computed as of the scores in force, which it made; without, as of now. `moves` has a
    row for each band of the published rule set, by its name, and one for the unscored, named None. `movers` has the
    smallest and the largest number of points of a step, None where it is open, and how many fall and rise by so many.
    """

    run: Run | None
    published: Side
    draft: Side
    citizens: int
    rise: int
    fall: int
    stay: int
    lose_a_band: int
    gain_a_band: int
    lose_a_band_by_ties_alone: int
    become_scored: int
    become_unscored: int
    moves: list[tuple[str | None, list[int]]]
    movers: list[tuple[int, int | None, int, int]]
    effects: list[Effect]

    @property
    def move_columns(self) -> list[str | None]:
        """The bands of the draft by their names, and None for the unscored."""
        return [*(name for name, _ in self.draft.bands), None]


def preview(draft: RuleSet, *, published: RuleSet | None = None, snapshot: Snapshot | None = None) -> Preview:
    """Solve `draft` and the published rule set on one frozen snapshot and compare them.

    Everybody is held against the edges that the draft gives the band they are in now, found by its key; a band that
    the draft does not have keeps its edges. Somebody loses a band when their score under the draft lies below it, and
    gains one when it reaches the next. Somebody loses a band only because of people they know when their own score
    under the draft would keep them in it, or above.
    Behaviours fade until the as-of time of the run in force where it follows the published rule set, so that its side
    has the numbers that citizens have now; otherwise until now.
    Raises `RuleSet.DoesNotExist` when nothing is published.
    """
    with read_only():
        published = published or RuleSet.objects.with_parts().published().get()
        snapshot = snapshot or frozen()
        run = _run_of(published)
        before, after = in_force(snapshot, published, run).solved, solved(draft, snapshot, run)
        return _compared(before, after, draft, published, snapshot, run)


def _run_of(published: RuleSet) -> Run | None:
    """The run in force, if its scores follow this rule set."""
    run = Run.objects.current()
    return run if run and run.rule_set_id == published.pk else None


def _compared(
    before: Solved, after: Solved, draft: RuleSet, published: RuleSet, snapshot: Snapshot, run: Run | None
) -> Preview:
    band_before, band_after = _bands(published, before.published), _bands(draft, after.published)
    both = (before.published != UNSCORED) & (after.published != UNSCORED)
    change = after.published[both].astype(np.int64) - before.published[both]
    lower, beyond = _edges(published, draft)[:, band_before]
    loses = both & (after.published < lower)
    return Preview(
        run=run,
        published=_side(published, before, band_before, snapshot),
        draft=_side(draft, after, band_after, snapshot),
        citizens=len(before.published),
        rise=int((change > 0).sum()),
        fall=int((change < 0).sum()),
        stay=int((change == 0).sum()),
        lose_a_band=int(loses.sum()),
        gain_a_band=int((both & (after.published >= beyond)).sum()),
        lose_a_band_by_ties_alone=int((loses & (after.own_published >= lower)).sum()),
        become_scored=int(((before.published == UNSCORED) & (after.published != UNSCORED)).sum()),
        become_unscored=int(((before.published != UNSCORED) & (after.published == UNSCORED)).sum()),
        moves=_move_rows(published, draft, band_before, band_after),
        movers=_movers(change),
        effects=effects(before.published, after.published),
    )


def _bands(rule_set: RuleSet, published: NDArray[np.int16]) -> Labels:
    return band_positions(published, [(lowest, highest) for _, lowest, highest in rule_set.band_ranges()])


def _edges(published: RuleSet, draft: RuleSet) -> NDArray[np.int16]:
    """Where each band of `published` begins and where the next one does, by the draft. Shape (2, bands)."""
    drafted = _spans(draft)
    return np.array([drafted.get(key, span) for key, span in _spans(published).items()], np.int16).T


def _spans(rule_set: RuleSet) -> dict[str, tuple[int, int]]:
    return {band.key: (lowest, highest + 1) for band, lowest, highest in rule_set.band_ranges()}


def _side(rule_set: RuleSet, result: Solved, band: Labels, snapshot: Snapshot) -> Side:
    ties = snapshot.population.ties
    names = [band.name for band, _, _ in rule_set.band_ranges()]
    people = np.bincount(band[band != UNSCORED], minlength=len(names))
    return Side(
        rule_set=rule_set,
        scored=int((result.published != UNSCORED).sum()),
        histogram=histogram(result.published),
        bands=list(zip(names, people.tolist(), strict=True)),
        network=network_effect(
            result.solution.drag, result.solution.lift, _bands(rule_set, result.own_published), band
        ),
        segregation=segregation_in_rows(band, ties.indptr, ties.other),
        error_bound=result.solution.error_bound,
    )


def histogram(published: NDArray[np.int16]) -> list[tuple[int, int]]:
    """Citizens per `BIN` points of the scale: (lower edge, count). The last step holds the highest score too."""
    steps = SPAN // BIN
    step = np.minimum((published[published != UNSCORED] - FLOOR) // BIN, steps - 1)
    counts = np.bincount(step, minlength=steps)
    return list(zip(range(FLOOR, CEILING, BIN), counts.tolist(), strict=True))


def _move_rows(published: RuleSet, draft: RuleSet, before: Labels, after: Labels) -> list[tuple[str | None, list[int]]]:
    rows = [band.name for band, _, _ in published.band_ranges()]
    table = moves(before, after, len(rows), len(draft.band_ranges()))
    return list(zip([*rows, None], table.tolist(), strict=True))


def _movers(change: NDArray[np.int64]) -> list[tuple[int, int | None, int, int]]:
    """How many fall and how many rise by how much: (least points, most points, fall, rise), the largest moves first."""
    size = np.searchsorted(MOVE_EDGES, np.abs(change), side="right") - 1
    falls, rises = Counter(size[change < 0].tolist()), Counter(size[change > 0].tolist())
    return [
        (low, beyond - 1 if beyond <= SPAN else None, falls[step], rises[step])
        for step, (low, beyond) in reversed([*enumerate(itertools.pairwise(MOVE_EDGES))][1:])
    ]
