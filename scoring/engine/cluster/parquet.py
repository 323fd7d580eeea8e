"""A population as Parquet, one row per citizen, and scores back from it."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scoring.engine.arrays import Floats
from scoring.engine.kernels.threads import processors
from scoring.engine.model import Events, Own, Population, Solution, Ties

EVENTS = ("kind", "occurred", "amount")
TIES = ("other", "role", "strength")
SOLUTION = ("score", "drag", "lift", "phi")
# One task reads one file, of about 60 MB.
ENTRIES_PER_FILE = 4_000_000


def write_population(population: Population, folder: Path, *, entries: int = ENTRIES_PER_FILE) -> None:
    """Writes files of whole citizens into a new `folder`, each with about `entries` events and ties.

    A row has `citizen` (position), `eligible`, the lists `kind`, `occurred` (µs since 1970 UTC) and `amount` of the
    citizen's events, and `other`, `role` and `strength` of their ties, as they weigh at one moment. Each citizen is
    complete in one row, so neither the fold nor a sum over ties has to join the rest.
    """
    folder.mkdir()
    load = population.events.indptr + population.ties.indptr + np.arange(len(population) + 1)
    inner = np.unique(np.searchsorted(load, np.arange(0, int(load[-1]), entries)[1:]))
    edges = [0, *inner[inner < len(population)].tolist(), len(population)]
    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(lambda first, last: _write(population, first, last, folder), edges[:-1], edges[1:]))


def events_of(batch: pa.RecordBatch) -> Events:
    """The events of a batch of rows."""
    return Events(*_rows(batch, EVENTS))


def ties_of(batch: pa.RecordBatch) -> Ties:
    """The ties of a batch of rows."""
    return Ties(*_rows(batch, TIES))


def write_scores(own: Own, solution: Mapping[str, Floats], folder: Path) -> None:
    """Writes one row per citizen into a new `folder`, in the columns that `read_scores` reads."""
    folder.mkdir()
    who = np.arange(len(own.score), dtype=np.int32)
    columns = {"citizen": who, "own": own.score, "scored": own.scored, "counted": own.counted, **solution}
    pq.write_table(pa.table(columns), folder / "0.parquet")


def read_scores(folder: Path, n: int, **certificate: Any) -> tuple[Own, Solution]:
    """Reads the scores of `n` citizens; `certificate` has the other fields of the Solution.

    Raises ValueError unless every citizen is there once.
    """
    table = pq.read_table(folder)
    place = table["citizen"].to_numpy()
    if not np.array_equal(np.bincount(place, minlength=n), np.ones(n)):
        raise ValueError(f"The scores of {n} citizens were expected, once each; {len(place)} came back.")

    def column(name: str) -> Any:
        values = table[name].to_numpy()
        there = np.empty(n, values.dtype)
        there[place] = values
        return there

    own = Own(column("own"), column("scored"), column("counted"))
    return own, Solution(**{name: column(name) for name in SOLUTION}, **certificate)


def _write(population: Population, first: int, last: int, folder: Path) -> None:
    rows = {
        "citizen": pa.array(np.arange(first, last, dtype=np.int32)),
        "eligible": pa.array(population.eligible[first:last]),
        **dict(_lists(population.events, EVENTS, first, last)),
        **dict(_lists(population.ties, TIES, first, last)),
    }
    # Only these have few different values, so that a dictionary makes them smaller.
    few_values: Any = ["kind.list.element", "role.list.element"]
    path = folder / f"{first:012d}.parquet"
    pq.write_table(pa.table(rows), path, compression="lz4", use_dictionary=few_values, write_statistics=False)


def _lists(entries: Events | Ties, names: Iterable[str], first: int, last: int) -> Iterable[tuple[str, Any]]:
    """Columns of lists over the arrays, without copying them."""
    low, high = int(entries.indptr[first]), int(entries.indptr[last])
    offsets: Any = pa.array((entries.indptr[first : last + 1] - low).astype(np.int32))
    for name in names:
        yield name, pa.ListArray.from_arrays(offsets, pa.array(getattr(entries, name)[low:high]))


def _rows(batch: pa.RecordBatch, names: Sequence[str]) -> list[Any]:
    """The row pointers, and the values of all rows in each column of lists."""
    columns: list[Any] = [batch[name] for name in names]
    offsets = columns[0].offsets.to_numpy().astype(np.int64)
    return [offsets - offsets[0], *(column.flatten().to_numpy() for column in columns)]
