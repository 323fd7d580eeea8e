"""What a score does to a population: segregation across ties, and what ties take and give.

Pure functions over arrays. A label is a band's position, 0 the lowest; -1 is unscored. A tie is a pair of positions.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.engine.scale import CEILING, UNSCORED

Labels = NDArray[np.int64]
Positions = NDArray[np.int64]
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Segregation:
    """How much the tied are of the same band. Shares are 0 to 1; `ties` counts those with both sides scored."""

    ties: int
    same_share: float
    expected_share: float
    assortativity: float


def segregation(labels: Labels, first: Positions, second: Positions) -> Segregation:
    """Ties within a band against what chance would give, and Newman's assortativity coefficient.

    With e_ij the share of tie ends that join band i to band j and a_i its row sums:

        same = Σ e_ii      expected = Σ a_i²      assortativity = (same − expected) / (1 − expected)

    `labels` has shape (N,), `first` and `second` (T,), ties taken as undirected. Ties with an unscored side are left
    out. The coefficient is 1 when nobody is tied outside their band, 0 at chance, negative when bands mix more than
    chance; it is not-a-number without ties, or when everybody is in one band and chance already gives 1.

    Source: M. E. J. Newman, Mixing patterns in networks, Physical Review E 67, 026126 (2003), equations 1 and 2.
    """
    bands = int(labels.max(initial=0)) + 1
    one, other = labels[first], labels[second]
    scored = (one != UNSCORED) & (other != UNSCORED)
    pairs = np.bincount(one[scored] * bands + other[scored], minlength=bands * bands).reshape(bands, bands)
    return _segregation(pairs + pairs.T)


def segregation_in_rows(labels: Labels, indptr: Positions, other: NDArray[np.int32]) -> Segregation:
    """The same for ties in rows, both directions of each: row `i` lists those tied to `i`."""
    bands = int(labels.max(initial=0)) + 1
    return _segregation(_joined(labels.astype(np.int8), indptr, other, bands))


def _segregation(ends: NDArray[np.int64]) -> Segregation:
    """From how many tie ends join band i to band j."""
    count = int(ends.sum())
    if count == 0:
        return Segregation(0, float("nan"), float("nan"), float("nan"))
    same = float(np.trace(ends)) / count
    expected = float(np.sum((ends.sum(axis=1) / count) ** 2))
    coefficient = (same - expected) / (1 - expected) if expected < 1 else float("nan")
    return Segregation(count // 2, same, expected, coefficient)


@njit(cache=True, nogil=True)
def _joined(labels, indptr, other, bands):  # type: ignore[no-untyped-def]
    ends = np.zeros((bands, bands), np.int64)
    for i in range(len(labels)):
        if labels[i] >= 0:
            for e in range(indptr[i], indptr[i + 1]):
                if labels[other[e]] >= 0:
                    ends[labels[i], labels[other[e]]] += 1
    return ends


@dataclass(frozen=True)
class NetworkEffect:
    """What ties do to people. Points are totals over the scored; shares are of the scored, 0 to 1."""

    drag_total: float
    lift_total: float
    pulled_down: int
    pulled_down_share: float
    pushed_up: int
    pushed_up_share: float


def network_effect(drag: Points, lift: Points, own_band: Labels, band: Labels) -> NetworkEffect:
    """Totals of drag (0 or less) and lift (0 or more), and how many ties moved out of their own score's band.

    All shapes are (N,). Somebody is pulled down when the band of their score lies below the band of their own score.
    Entries of the unscored are left out; not-a-number is allowed there.
    """
    scored = band != UNSCORED
    count = int(scored.sum())
    down = int((band[scored] < own_band[scored]).sum())
    up = int((band[scored] > own_band[scored]).sum())
    return NetworkEffect(
        drag_total=float(drag[scored].sum()),
        lift_total=float(lift[scored].sum()),
        pulled_down=down,
        pulled_down_share=down / count if count else 0.0,
        pushed_up=up,
        pushed_up_share=up / count if count else 0.0,
    )


def moves(before: Labels, after: Labels, bands_before: int, bands_after: int) -> NDArray[np.int64]:
    """Counts of people by label before (rows) and after (columns); the last row and column are the unscored.

    Shape (bands_before + 1, bands_after + 1); the entries sum to N.
    """
    rows = np.where(before == UNSCORED, bands_before, before)
    columns = np.where(after == UNSCORED, bands_after, after)
    flat = np.bincount(rows * (bands_after + 1) + columns, minlength=(bands_before + 1) * (bands_after + 1))
    return flat.reshape(bands_before + 1, bands_after + 1).astype(np.int64)


def band_positions(published: NDArray[np.int16], ranges: Iterable[tuple[int, int]]) -> Labels:
    """The position of the range, (lowest, highest) with both ends inclusive, that holds each published score.

    The ranges of a rule set are those of `RuleSet.band_ranges`. A score in none of them is -1.
    """
    # A number is looked up, not searched for; the last entry is that of -1.
    band = np.full(CEILING + 2, UNSCORED, np.int64)
    for position, (lowest, highest) in enumerate(ranges):
        band[lowest : highest + 1] = position
    return band[published]
