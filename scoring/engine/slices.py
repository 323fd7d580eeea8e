"""Rows computed side by side: threads over compiled code that holds no lock and shares no output."""

import functools
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from scoring.engine.model import Ints

Result = TypeVar("Result")

SMALL = 200_000
Slices = list[tuple[int, int]]


def cut(indptr: Ints) -> Slices:
    """(first, last) of slices that cover all rows, about equally much work in each; one, if there is little of it."""
    # Not numba's own threads: some of its layers end the process when two requests compute at once, or after a fork.
    rows, entries = len(indptr) - 1, int(indptr[-1])
    workers = processors()
    if workers == 1 or rows + entries < SMALL:
        return [(0, rows)]
    # Both entries and rows cost time: cut where their sum is even.
    load = indptr + np.arange(rows + 1)
    edges = np.searchsorted(load, np.linspace(0, rows + entries, 2 * workers + 1))
    edges[-1] = rows
    return list(itertools.pairwise(edges.tolist()))


def in_slices(slices: Slices, work: Callable[[int, int], Result]) -> list[Result]:
    """The results of `work(first, last)` for each slice.

    `work` must compute each row by itself, so that what comes out does not depend on the number of processors.
    """
    if len(slices) == 1:
        return [work(*slices[0])]
    return list(_threads(os.getpid(), processors()).map(lambda rows: work(*rows), slices))


@functools.lru_cache(maxsize=1)
def _threads(process: int, workers: int) -> ThreadPoolExecutor:
    """Threads of this very process: those of a parent do not live on in it."""
    return ThreadPoolExecutor(workers, thread_name_prefix="engine")


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
