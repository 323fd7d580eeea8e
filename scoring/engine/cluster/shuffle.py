"""The fixed point for populations whose φ does not fit every worker: only sums are exchanged.

The driver holds no column.
"""

from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql

from scoring.engine.arrays import Floats
from scoring.engine.cluster.parquet import ties_of
from scoring.engine.cluster.question import Question
from scoring.engine.cluster.sweeps import Certificate, sweep_until_certain
from scoring.engine.kernels.pairs import keep_strongest
from scoring.engine.model import REVERSE_ROLE, Influence

WEIGHED = "citizen int, other array<int>, m array<double>"


def solve(population: DataFrame, own: DataFrame, question: Question, folder: Path) -> tuple[DataFrame, Certificate]:
    """Solves as `scoring.engine.solve.solve` does: one row per citizen with the columns of Own and Solution.

    Everything is partitioned by citizen once. Every tie is there in both directions, so a citizen's row has not only
    the citizens who count for them but also those for whom they count. So φ joins the ties along which it is radiated
    without moving either, and only the sums of each partition are exchanged. Between sweeps the scores are written to
    `folder`, so that a lost worker costs one sweep and the query plan does not grow.
    """
    influence, numbers = question.influence, count()
    ties = weighed(population, influence).repartition("citizen").persist()
    people = own.repartition("citizen").persist()
    scored = people.where("scored").select("citizen", "own")
    everybody = received(ties, scored.select("citizen", sql.lit(1.0).alias("phi")), people_of())
    # Where the total is 0, the network effect is.
    are_enough = or_zero("people") >= influence.least_ties
    total = sql.when(are_enough, sql.lit(influence.k0) + or_zero("up")).otherwise(sql.lit(0.0))
    basis = scored.join(everybody, "citizen", "left").select("citizen", "own", total.alias("total")).persist()

    def sweep(before: DataFrame) -> tuple[DataFrame, float]:
        after = kept(swept(ties, basis, before, influence), folder / f"sweep-{next(numbers) % 2}")
        return after, max(row[0] or 0.0 for row in after.agg(sql.max("change")).collect())

    last, certificate = sweep_until_certain(sweep, scored.withColumnRenamed("own", "score"), question)
    return people.join(last.drop("change"), "citizen", "left").fillna(0.0, "phi"), certificate


def swept(ties: DataFrame, basis: DataFrame, before: DataFrame, influence: Influence) -> DataFrame:
    """One sweep from the scores before: the columns of a Solution, and by how much each score has changed."""
    phi = phi_of(sql.col("score"), influence).alias("phi")
    radiated = before.select("citizen", sql.col("score").alias("before"), phi)
    rows = basis.join(radiated, "citizen").join(received(ties, radiated.where("phi <> 0")), "citizen", "left")
    shares = {
        name: sql.when(sql.col("total") > 0, or_zero(part) / sql.col("total")).otherwise(sql.lit(0.0))
        for name, part in (("drag", "down"), ("lift", "up"))
    }
    network = clip(sql.col("drag") + sql.col("lift"), -influence.cap, influence.cap)
    score = clip(sql.col("own") + network, influence.floor, influence.ceiling)
    rows = rows.withColumns(shares).withColumn("score", score)
    change = sql.abs(sql.col("score") - sql.col("before")).alias("change")
    return rows.select("citizen", "score", "drag", "lift", "phi", change)


def received(ties: DataFrame, radiated: DataFrame, *more: Column) -> DataFrame:
    """Σ m·φ of the negative parts, `down`, and of the positive ones, `up`, of every row that has any; and `more`."""
    # A hash table of the citizens whose φ is not 0; a sorting join would move the ties of all.
    pushed = ties.join(radiated.hint("shuffle_hash"), "citizen").select("phi", sql.inline(sql.arrays_zip("other", "m")))
    part = sql.col("m") * sql.col("phi")
    sums = sql.sum(sql.least(part, sql.lit(0.0))).alias("down"), sql.sum(sql.greatest(part, sql.lit(0.0))).alias("up")
    return pushed.groupBy(sql.col("other").alias("citizen")).agg(*sums, *more)


def people_of() -> Column:
    """How many people count for a citizen, of whom each has one tie of m > 0."""
    return sql.sum(sql.when(sql.col("m") > 0, 1).otherwise(0)).alias("people")


def weighed(population: DataFrame, influence: Influence) -> DataFrame:
    """The weight m of every tie of a row for the other citizen, to whom this one has the reverse role."""
    ties = population.select("citizen", "other", "role", "strength")
    return ties.mapInArrow(partial(_weighed, weight=influence.weight[REVERSE_ROLE]), WEIGHED)


def _weighed(batches: Iterator[pa.RecordBatch], weight: Floats) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        ties = ties_of(batch)
        m = ties.strength.astype(np.float64) * weight[ties.role]
        keep_strongest(ties.indptr, ties.other, m)
        rows: Any = pa.array(ties.indptr.astype(np.int32))
        lists = (pa.ListArray.from_arrays(rows, pa.array(column)) for column in (ties.other, m))
        yield pa.RecordBatch.from_arrays([batch["citizen"], *lists], ["citizen", "other", "m"])


def phi_of(score: Column, influence: Influence) -> Column:
    """The points that citizens with these scores give to, or take from, each citizen tied to them."""
    below = sql.greatest(sql.lit(influence.theta_drag) - score, sql.lit(0.0))
    above = sql.greatest(score - sql.lit(influence.theta_lift), sql.lit(0.0))
    return sql.lit(influence.lift) * above - sql.lit(influence.drag) * below


def clip(value: Column, low: float, high: float) -> Column:
    return sql.least(sql.greatest(value, sql.lit(low)), sql.lit(high))


def or_zero(value: str) -> Column:
    """The column, and 0 where a join has found none."""
    return sql.coalesce(value, sql.lit(0.0))


def kept(rows: DataFrame, folder: Path) -> DataFrame:
    """The same rows, read from a new `folder`, with a query plan that begins there."""
    rmtree(folder, ignore_errors=True)
    rows.sparkSession.sparkContext.setCheckpointDir(str(folder))
    return rows.checkpoint()
