"""The speed of the memory: reading columns once with all processors, and copying as STREAM does."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bench.rounds import seconds
from scoring.engine.kernels.threads import processors
from scoring.engine.model import Ties

Column = NDArray[Any]
COPIED_DOUBLES = 1 << 26


def tie_columns(ties: Ties) -> tuple[Column, ...]:
    """The columns that a sweep has to read, with 9 bytes for each directed tie."""
    return ties.other, ties.role, ties.strength


def read(columns: Iterable[Column]) -> int:
    """Reads all bytes of the columns once and returns a number that depends on all of them."""
    parts = zip(*(np.array_split(in_eights(column), processors()) for column in columns), strict=True)
    return sum(on_all([partial(summed, some) for some in parts]))


def in_eights(column: Column) -> Column:
    """The bytes of a column as 8-byte numbers, which compiled code reads fastest; up to seven bytes are left out."""
    return column.view(np.uint8)[: column.nbytes // 8 * 8].view(np.int64)


def summed(columns: Iterable[Column]) -> int:
    return sum(int(_sum(column)) for column in columns)


@njit(cache=True, nogil=True)
def _sum(column):  # type: ignore[no-untyped-def]
    total = 0
    for i in range(len(column)):
        total += column[i]
    return total


def copy_bandwidth(rounds: int, doubles: int = COPIED_DOUBLES) -> list[float]:
    """The bandwidth in GB/s, read and written together, of copying `doubles` with all processors, in each round."""
    source, target = np.ones(doubles), np.zeros(doubles)
    parts = [np.array_split(array, 4 * processors()) for array in (target, source)]
    works = [partial(np.copyto, into, one) for into, one in zip(*parts, strict=True)]
    return [2 * source.nbytes / seconds(partial(on_all, works)) / 1e9 for _ in range(rounds)]


def on_all(works: Iterable[Callable[[], Any]]) -> list[Any]:
    return list(threads().map(lambda work: work(), works))


@cache
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(processors())
