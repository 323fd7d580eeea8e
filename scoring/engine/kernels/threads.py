"""Rows computed side by side: threads in compiled code that draw slices of the rows, pass after pass.

Nobody waits for a thread that has not come: whoever is there draws the next slice, and whoever hands in the last one
of a pass opens the next. Between two passes no thread returns to the interpreter, let alone sleeps.
"""

import functools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from scoring.engine.arrays import Ints

# So much of rows and entries together is worth drawing: small enough to be read again from a near cache.
SLICE = 50_000
# Rows whose own numbers the nearest cache holds.
BLOCK = 256
# Places on a desk, each in a cache line of its own.
DRAWN, HANDED_IN, OPEN = 0, 16, 32
OVER = 1 << 62
# So many entries ahead a far place is asked for: about as many as a processor can wait for at once.
AHEAD = np.uint64(32)
# The φ of so many citizens is in a near cache anyway.
NEAR = 60_000


def cut(indptr: Ints, *, most: int | None = None) -> Ints:
    """The edges of slices, `most` at most, that cover all rows, about equally much work in each."""
    work = len(indptr) - 1 + int(indptr[-1])
    return _cut(indptr, min(work // SLICE + 1, most or sys.maxsize))  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def _cut(indptr, slices):  # type: ignore[no-untyped-def]  # pragma: no cover
    # Both entries and rows cost time: cut where their sum is even.
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
def longest_block(indptr, edges):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The most entries of any BLOCK of rows in the slices between `edges`."""
    most = 0
    for s in range(len(edges) - 1):
        for first in range(edges[s], edges[s + 1], BLOCK):
            most = max(most, indptr[min(first + BLOCK, edges[s + 1])] - indptr[first])
    return most


def together(work: Callable[..., None], edges: Ints, *arguments: Any) -> None:
    """Compiled `work(desk, edges, *arguments)`, here and on other threads at once, until all slices are handed in.

    `work` must compute each row by itself, so that what comes out does not depend on the number of threads.
    """
    # Not numba's own threads: some of its layers end the process when two requests compute at once, or after a fork.
    desk = np.zeros(OPEN + 16, np.int64)
    for _ in range(min(processors(), len(edges) - 1) - 1):
        _threads(os.getpid(), processors() - 1).submit(work, desk, edges, *arguments)
    work(desk, edges, *arguments)


@functools.lru_cache(maxsize=1)
def _threads(process: int, helpers: int) -> ThreadPoolExecutor:
    """Threads of this very process: those of a parent do not live on in it."""
    return ThreadPoolExecutor(helpers, thread_name_prefix="engine")


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@intrinsic
def _added(typing_context, array, place, amount):  # type: ignore[no-untyped-def]
    """What was there before `amount` was added, in one step that no other thread comes between."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = cgutils.get_item_pointer(context, builder, signature.args[0], view, [arguments[1]])  # type: ignore[no-untyped-call]
        return builder.atomic_rmw("add", pointer, arguments[2], "seq_cst")

    return types.int64(array, types.intp, types.int64), generate


@intrinsic
def _fetched(typing_context, array, place):  # type: ignore[no-untyped-def]
    """Nothing; but `array[place]` is on its way into the nearest cache."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = cgutils.get_item_pointer(context, builder, signature.args[0], view, [arguments[1]])  # type: ignore[no-untyped-call]
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")  # type: ignore[no-untyped-call]
        to_read, soon, data = (ir.Constant(number, value) for value in (0, 3, 1))
        builder.call(prefetch, [builder.bitcast(pointer, byte), to_read, soon, data])
        return context.get_dummy_value()

    return types.void(array, types.uint64), generate


# To type checkers, not to the compiler, they lack their first argument.
_add: Any = _added
fetch: Any = _fetched


@njit(cache=True, inline="always")
def look_ahead(told, other, e):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Asks for what a later entry will need of `told`, where that is far away."""
    if len(told) > NEAR:
        fetch(told, other[min(e + AHEAD, np.uint64(len(other) - 1))])


_let_others = types.ExternalFunction("sched_yield", types.intc())


@njit(cache=True, nogil=True)
def drawn(desk, edges):  # type: ignore[no-untyped-def]  # pragma: no cover
    """(pass, slice) to compute next, once its pass is open; the pass is -1 when all is over."""
    turn = _add(desk, DRAWN, 1)
    number = turn // (len(edges) - 1)
    while _add(desk, OPEN, 0) < number:
        _let_others()
    return -1 if _add(desk, OPEN, 0) >= OVER else number, turn % (len(edges) - 1)


@njit(cache=True, nogil=True)
def handed_in(desk, edges):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether this was the last slice of the pass. Who hands it in must open the next pass or say that all is over."""
    return (_add(desk, HANDED_IN, 1) + 1) % (len(edges) - 1) == 0


@njit(cache=True, nogil=True)
def go_on(desk, is_over):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Opens the next pass, or sends everybody home."""
    _add(desk, OPEN, OVER if is_over else 1)
