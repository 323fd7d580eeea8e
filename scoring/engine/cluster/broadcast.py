"""The fixed point for populations whose φ fits the memory of every worker: φ is broadcast, and ties stay in place."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyspark import Broadcast
from pyspark.sql import DataFrame

from scoring.engine.arrays import Floats, Mask
from scoring.engine.cluster.parquet import ties_of
from scoring.engine.cluster.question import Question
from scoring.engine.cluster.sweeps import Certificate, sweep_until_certain
from scoring.engine.kernels.pairs import keep_strongest
from scoring.engine.model import Influence, Own
from scoring.engine.phi import drag_and_lift

# Arrays travel as their bytes, so that neither Java nor Python converts single numbers.
PIECE = "citizen binary, first binary, other binary, m binary"
SUMS = "citizen binary, down binary, up binary"


class Sweep(NamedTuple):
    """The columns of a Solution. Between sweeps, the unscored are 0 in all of them."""

    score: Floats
    drag: Floats
    lift: Floats
    phi: Floats


def collected(own: DataFrame) -> Own:
    """Own scores as arrays in the driver, in the order of the citizens."""
    table = own.toArrow().sort_by("citizen")
    return Own(*(table[name].to_numpy() for name in ("own", "scored", "counted")))


def solve(population: DataFrame, own: Own, question: Question) -> tuple[Sweep, Certificate]:
    """Solves as `scoring.engine.solve.solve` does, by sweeps over ties that the workers keep in memory."""
    influence, scored = question.influence, own.scored
    pieces = population.select("citizen", "other", "role", "strength").mapInArrow(
        partial(_weighed, weight=influence.weight), PIECE
    )
    pieces.persist()
    score = np.where(scored, own.score, 0.0)
    _, weight = _received(pieces, scored.astype(np.float64))
    _, people = _received(pieces, scored.astype(np.float64), is_count=True)
    # Where the total is 0, the network effect is.
    total = np.where(people >= influence.least_ties, influence.k0 + weight, 0.0)
    last, certificate = sweep_until_certain(
        lambda before: _sweep(pieces, before, score, scored, total, influence),
        Sweep(score, *np.zeros((3, len(score)))),
        question,
    )
    for column in (last.score, last.drag, last.lift):
        column[~scored] = np.nan
    return last, certificate


def _sweep(
    pieces: DataFrame, before: Sweep, own: Floats, scored: Mask, total: Floats, influence: Influence
) -> tuple[Sweep, float]:
    phi = np.where(scored, np.add(*drag_and_lift(before.score, influence)), 0.0)
    drag, lift = (received / np.where(total > 0, total, np.inf) for received in _received(pieces, phi))
    network = np.clip(drag + lift, -influence.cap, influence.cap)
    score = np.clip(own + network, influence.floor, influence.ceiling)
    residual = np.max(np.abs(score - before.score), where=scored, initial=0.0)
    return Sweep(score, drag, lift, phi), float(residual)


def _received(pieces: DataFrame, phi: Floats, *, is_count: bool = False) -> tuple[Floats, Floats]:
    """Σ m·φ of every citizen's row, of its negative parts and of its positive parts; 1 for every m > 0 in a count."""
    sent = pieces.sparkSession.sparkContext.broadcast(phi)
    rows = pieces.mapInArrow(partial(_sums, sent=sent, is_count=is_count), SUMS).toArrow()
    sent.destroy()
    down, up = np.zeros((2, len(phi)))
    for citizen, *sums in zip(*(rows[name] for name in ("citizen", "down", "up")), strict=True):
        who = np.frombuffer(citizen.as_buffer(), np.int32)
        for column, part in zip((down, up), sums, strict=True):
            column[who] += np.frombuffer(part.as_buffer(), np.float64)
    return down, up


def _weighed(batches: Iterator[pa.RecordBatch], weight: Floats) -> Iterator[pa.RecordBatch]:
    """Each batch as one row: the citizens with ties, where the ties of each begin, and `other` and `m` of all ties."""
    for batch in batches:
        ties = ties_of(batch)
        some = np.diff(ties.indptr) > 0
        m = ties.strength.astype(np.float64) * weight[ties.role]
        keep_strongest(ties.indptr, ties.other, m)
        yield _row(citizen=batch["citizen"].to_numpy()[some], first=ties.indptr[:-1][some], other=ties.other, m=m)


def _sums(batches: Iterator[pa.RecordBatch], sent: "Broadcast[Floats]", *, is_count: bool) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for citizen, first, other, m in zip(*batch.columns, strict=True):
            if not len(citizen.as_buffer()):
                continue
            weights = np.frombuffer(m.as_buffer())
            weights = (weights > 0).astype(np.float64) if is_count else weights
            part = weights * sent.value[np.frombuffer(other.as_buffer(), np.int32)]
            rows = np.frombuffer(first.as_buffer(), np.int64)
            down, up = (np.add.reduceat(clipped(part, 0.0), rows) for clipped in (np.minimum, np.maximum))
            yield _row(citizen=np.frombuffer(citizen.as_buffer(), np.int32), down=down, up=up)


def _row(**arrays: np.ndarray) -> pa.RecordBatch:
    columns = [pa.array([array.tobytes()], pa.binary()) for array in arrays.values()]
    return pa.RecordBatch.from_arrays(columns, list(arrays))
