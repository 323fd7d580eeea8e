"""Measures several ways to one answer in turns, A B C, A B C, …, so that noise affects all alike."""

import gc
import statistics
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")


class Timed(NamedTuple):
    """The result of some work, and the seconds it took."""

    result: Any
    seconds: float


def interleaved(
    ways: Mapping[str, Callable[[], Result]], rounds: int, cold: Collection[str] = ()
) -> dict[str, list[Result]]:
    """The results of each named way, one for each round. All ways but the `cold` ones are called once before."""
    for name in ways.keys() - cold:
        ways[name]()
    results: dict[str, list[Result]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            results[name].append(way())
    return results


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def timed(work: Callable[[], Any]) -> Timed:
    """Calls `work` once, while the collector of cyclic garbage is disabled."""
    gc.disable()
    try:
        began = time.perf_counter()
        result = work()
        return Timed(result, time.perf_counter() - began)
    finally:
        gc.enable()


def typical(way: Callable[[], Result], seconds: Callable[[Result], float], least: float = 0.05) -> Result:
    """Calls `way` an odd number of times, for `least` seconds in all, and returns the result with the median seconds.

    A single short call would mostly show how cold the previous way has left the caches.
    """
    results = [way()]
    while sum(map(seconds, results)) < least or len(results) % 2 == 0:
        results.append(way())
    return sorted(results, key=seconds)[len(results) // 2]


def spread(seconds: list[float]) -> dict[str, Any]:
    """The median and all values, rounded to four digits."""
    return {"seconds": rounded(statistics.median(seconds)), "all": [rounded(value) for value in sorted(seconds)]}


def rounded(value: float) -> float:
    return float(f"{value:.4g}")
