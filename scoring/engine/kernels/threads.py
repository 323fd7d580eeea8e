"""A thread pool for compiled code: threads claim slices of the rows from a work queue, pass after pass.

No thread waits for one that has not started: whichever thread is running claims the next slice, and the thread that
finishes the last slice of a pass opens the next pass. Between two passes no thread returns to the interpreter or
sleeps.
"""

import functools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from scoring.engine.arrays import Ints

# A slice has about this many rows and entries: small enough to be read again from a near cache.
SLICE_ENTRIES = 50_000
# The columns of this many rows fit the nearest cache.
BLOCK_ROWS = 256
# Each counter of a queue stands in a cache line of its own, so that threads do not slow each other down.
COUNTER_SPACING = 16
CLOSED = 1 << 62
# Values are prefetched this many entries ahead: about as many as a processor can wait for at once.
PREFETCH_ENTRIES = np.uint64(32)
# The φ of up to this many citizens is in a near cache anyway.
CACHED_CITIZENS = 60_000


class WorkQueue(NamedTuple):
    """Slices of rows to compute, and counters that all threads share.

    Slice `s` has the rows `edges[s]` to before `edges[s + 1]`. The counters hold how many slices of all passes have
    been claimed and finished, and how many passes after the first have been opened.
    """

    edges: Ints
    claimed: Ints
    finished: Ints
    opened: Ints


def slice_edges(indptr: Ints, *, most: int | None = None) -> Ints:
    """The edges of slices that cover all rows with about equal work in each; `most` limits their number."""
    work = len(indptr) - 1 + int(indptr[-1])
    return _slice_edges(indptr, min(work // SLICE_ENTRIES + 1, most or sys.maxsize))  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def _slice_edges(indptr, slices):  # type: ignore[no-untyped-def]
    # Both entries and rows cost time, so the edges divide their sum evenly.
    edges = np.zeros(slices + 1, np.int64)
    edges[slices] = len(indptr) - 1
    for s in range(1, slices):
        wanted = s * (edges[slices] + indptr[edges[slices]]) / slices
        low, high = edges[s - 1], edges[slices]
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if middle + indptr[middle] < wanted else (low, middle)
        edges[s] = low
    return edges


@njit(cache=True, nogil=True)
def longest_block(indptr, edges):  # type: ignore[no-untyped-def]
    """The largest number of entries in any block of BLOCK_ROWS rows of the slices between `edges`."""
    most = 0
    for s in range(len(edges) - 1):
        for first in range(edges[s], edges[s + 1], BLOCK_ROWS):
            most = max(most, indptr[min(first + BLOCK_ROWS, edges[s + 1])] - indptr[first])
    return most


def run_in_threads(work: Callable[..., None], edges: Ints, *arguments: Any) -> None:
    """Runs compiled `work(queue, *arguments)` here and in the thread pool until all slices are finished.

    `work` must compute each row independently, so that the result does not depend on the number of threads.
    """
    # Numba's own threads cannot be used: some of its threading layers end the process when two requests compute at
    # once, or after a fork.
    queue = WorkQueue(edges, *np.zeros((3, COUNTER_SPACING), np.int64))
    for _ in range(min(processors(), len(edges) - 1) - 1):
        _thread_pool(os.getpid(), processors() - 1).submit(work, queue, *arguments)
    work(queue, *arguments)


@functools.lru_cache(maxsize=1)
def _thread_pool(process: int, threads: int) -> ThreadPoolExecutor:
    """The pool of this process. It is looked up by process, because threads do not survive a fork."""
    return ThreadPoolExecutor(threads, thread_name_prefix="engine")


def processors() -> int:
    """Number of processors available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@intrinsic
def _fetch_and_add(typing_context, counter, amount):  # type: ignore[no-untyped-def]
    """Adds `amount` to `counter[0]` atomically and returns the value before."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        first = context.get_constant(types.intp, 0)
        pointer = cgutils.get_item_pointer(context, builder, signature.args[0], view, [first])  # type: ignore[no-untyped-call]
        return builder.atomic_rmw("add", pointer, arguments[1], "seq_cst")

    return types.int64(counter, types.int64), generate


@intrinsic
def _prefetch(typing_context, array, place):  # type: ignore[no-untyped-def]
    """Asks the processor to bring `array[place]` into its nearest cache."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = cgutils.get_item_pointer(context, builder, signature.args[0], view, [arguments[1]])  # type: ignore[no-untyped-call]
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        instruction = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")  # type: ignore[no-untyped-call]
        to_read, high_locality, data_cache = (ir.Constant(number, value) for value in (0, 3, 1))
        builder.call(instruction, [builder.bitcast(pointer, byte), to_read, high_locality, data_cache])
        return context.get_dummy_value()

    return types.void(array, types.uint64), generate


# Type checkers take the typing context for an argument that callers must give; the compiler supplies it.
_add: Any = _fetch_and_add
prefetch: Any = _prefetch


@njit(cache=True, inline="always")
def prefetch_ahead(values, other, e):  # type: ignore[no-untyped-def]
    """Prefetches the value that a later entry will need, unless all values are in a near cache anyway."""
    if len(values) > CACHED_CITIZENS:
        prefetch(values, other[min(e + PREFETCH_ENTRIES, np.uint64(len(other) - 1))])


_yield_processor = types.ExternalFunction("sched_yield", types.intc())


@njit(cache=True, nogil=True)
def claim_slice(queue):  # type: ignore[no-untyped-def]
    """Returns (pass, slice) to compute next, once its pass is open; the pass is -1 when the queue is closed."""
    slices = len(queue.edges) - 1
    claim = _add(queue.claimed, 1)
    number = claim // slices
    while _add(queue.opened, 0) < number:
        _yield_processor()
    return -1 if _add(queue.opened, 0) >= CLOSED else number, claim % slices


@njit(cache=True, nogil=True)
def finish_slice(queue):  # type: ignore[no-untyped-def]
    """Marks a slice as finished and tells whether it was the last of its pass.

    The thread that finished the last slice must then open the next pass or close the queue.
    """
    return (_add(queue.finished, 1) + 1) % (len(queue.edges) - 1) == 0


@njit(cache=True, nogil=True)
def open_pass(queue):  # type: ignore[no-untyped-def]
    """Lets all threads go on to the next pass."""
    _add(queue.opened, 1)


@njit(cache=True, nogil=True)
def close_queue(queue):  # type: ignore[no-untyped-def]
    """Lets all threads return from their work."""
    _add(queue.opened, CLOSED)
