"""The sums Σ m · φ over rows of ties, as differences of running sums.

A loop over each row would end where the processor cannot predict; one over all entries of a block does not.
"""

import numpy as np
from numba import njit

from scoring.engine.kernels.threads import prefetch_ahead


@njit(cache=True, nogil=True)
def sum_rows(indptr, ties, phi, received, running):  # type: ignore[no-untyped-def]
    """Sets `received` to Σ m · φ of the rows between `indptr`; `running` has space for one more than their entries."""
    other, m = ties.other, ties.m
    start, stop, total = indptr[0], indptr[len(received)], 0.0
    for e in range(start, stop):
        prefetch_ahead(phi, other, e)
        running[e - start] = total
        total += m[e] * phi[other[e]]
    running[stop - start] = total
    for i in range(len(received)):
        received[i] = running[indptr[i + 1] - start] - running[indptr[i] - start]


@njit(cache=True, nogil=True)
def sum_rows_by_four(indptr, ties, phi, received, running):  # type: ignore[no-untyped-def]
    """Does the same by four running sums, one for each quarter of the entries, which do not wait for each other."""
    start, size = indptr[0], indptr[len(received)] - indptr[0]
    second = size // np.uint64(4)
    third, fourth = second + second, second + second + second
    m, other = ties.m[start : start + size], ties.other[start : start + size]
    sum_1 = sum_2 = sum_3 = sum_4 = 0.0
    for e in range(second):
        running[e], running[e + second], running[e + third], running[e + fourth] = sum_1, sum_2, sum_3, sum_4
        sum_1 += m[e] * phi[other[e]]
        sum_2 += m[e + second] * phi[other[e + second]]
        sum_3 += m[e + third] * phi[other[e + third]]
        sum_4 += m[e + fourth] * phi[other[e + fourth]]
    for e in range(fourth + second, size):
        running[e] = sum_4
        sum_4 += m[e] * phi[other[e]]
    running[size] = sum_4
    sum_2 += sum_1
    sum_3 += sum_2
    before = 0.0
    for i in range(len(received)):
        end = indptr[i + 1] - start
        quarters = sum_3 if end >= fourth else sum_2 if end >= third else sum_1 if end >= second else 0.0
        until = running[end] + quarters
        received[i], before = until - before, until
