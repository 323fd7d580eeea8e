"""Columns as compiled code takes them: tuples of arrays with names. One entry per tie, event or citizen."""

from typing import Any, NamedTuple

from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]


class TieColumns(NamedTuple):
    """Directed ties sorted by citizen, as in `Ties`: row `i` is `indptr[i]:indptr[i + 1]`."""

    indptr: Array
    other: Array
    role: Array
    strength: Array


class WeightedTies(NamedTuple):
    """Directed ties sorted by citizen, where `m` is how much `other` counts for the citizen of the row."""

    indptr: Array
    other: Array
    m: Array


class EventColumns(NamedTuple):
    """Behaviours sorted by citizen, as in `Events`; `occurred` is in microseconds since 1970."""

    indptr: Array
    kind: Array
    occurred: Array
    amount: Array


class Citizens(NamedTuple):
    """The state of a solve, one entry per citizen, in points.

    `phi` is the φ that each citizen has radiated to the citizens tied to them, `received` is Σ m · φ over each
    citizen's row, and `total` is k0 + Σ m of that row.
    """

    own: Array
    phi: Array
    received: Array
    total: Array


@njit(cache=True, inline="always")
def citizens_between(citizens, first, last):  # type: ignore[no-untyped-def]
    """The citizens of the rows from `first` to before `last`, as views."""
    own, phi, received, total = citizens
    return Citizens(own[first:last], phi[first:last], received[first:last], total[first:last])
