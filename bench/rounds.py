"""Measuring several ways to one answer side by side: A B C, A B C, …, so that noise hits all alike."""

import gc
import statistics
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")


class Timed(NamedTuple):
    """What came of it, and in how many seconds."""

    result: Any
    seconds: float


def interleaved(
    ways: Mapping[str, Callable[[], Result]], rounds: int, cold: Collection[str] = ()
) -> dict[str, list[Result]]:
    """What each of the named ways returned in each round, after one that does not count and which `cold` ones miss."""
    for name in ways.keys() - cold:
        ways[name]()
    results: dict[str, list[Result]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            results[name].append(way())
    return results


def timed(work: Callable[[], Any]) -> Timed:
    """`work` done once, with the collector of cyclic garbage at rest."""
    gc.disable()
    try:
        began = time.perf_counter()
        result = work()
        return Timed(result, time.perf_counter() - began)
    finally:
        gc.enable()


def typical(way: Callable[[], Result], seconds: Callable[[Result], float], least: float = 0.05) -> Result:
    """The median by `seconds` of what `way` returned, done again until they come to `least` and are odd in number.

    What is over in a moment would else mostly tell how cold the caches were that the way before left behind.
    """
    results = [way()]
    while sum(map(seconds, results)) < least or len(results) % 2 == 0:
        results.append(way())
    return sorted(results, key=seconds)[len(results) // 2]


def spread(seconds: list[float]) -> dict[str, Any]:
    """The median, and every value, to a hundredth of a per cent."""
    return {"seconds": rounded(statistics.median(seconds)), "all": [rounded(value) for value in sorted(seconds)]}


def rounded(value: float) -> float:
    return float(f"{value:.4g}")
