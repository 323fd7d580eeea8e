"""Rows computed side by side: threads over compiled code that holds no lock and shares no output."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from scoring.engine.model import Ints

Result = TypeVar("Result")

SMALL = 200_000


def in_slices(indptr: Ints, work: Callable[[int, int], Result]) -> list[Result]:
    """The results of `work(first, last)` for slices that cover all rows, about equally many entries in each.

    `work` must compute each row by itself, so that what comes out does not depend on the number of processors.
    """
    # Not numba's own threads: some of its layers end the process when two requests compute at once, or after a fork.
    rows, entries = len(indptr) - 1, int(indptr[-1])
    workers = processors()
    if workers == 1 or rows + entries < SMALL:
        return [work(0, rows)]
    parts = 4 * workers
    # Both entries and rows cost time: cut where their sum is even.
    load = indptr + np.arange(rows + 1)
    edges = np.searchsorted(load, np.linspace(0, rows + entries, parts + 1))
    edges[-1] = rows
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, edges[:-1].tolist(), edges[1:].tolist()))


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
