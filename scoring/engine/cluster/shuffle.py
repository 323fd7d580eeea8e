"""The fixed point for populations whose φ does not fit every worker: only sums are exchanged.

The driver holds no column.
"""

from itertools import count
from pathlib import Path
from shutil import rmtree

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql

from scoring.engine.cluster.question import Question
from scoring.engine.cluster.sweeps import Certificate, sweep_until_certain
from scoring.engine.model import REVERSE_ROLE, Influence


def solve(population: DataFrame, own: DataFrame, question: Question, folder: Path) -> tuple[DataFrame, Certificate]:
    """Solves as `scoring.engine.solve.solve` does: one row per citizen with the columns of Own and Solution.

    Everything is partitioned by citizen once. Every tie is there in both directions, so a citizen's row has not only
    the citizens who count for them but also those for whom they count. So φ joins the ties along which it is radiated
    without moving either, and only the sums of each partition are exchanged. Between sweeps the scores are written to
    `folder`, so that a lost worker costs one sweep and the query plan does not grow.
    """
    influence, numbers = question.influence, count()
    ties = population.select("citizen", "other", weighed(influence).alias("m")).repartition("citizen").persist()
    people = own.repartition("citizen").persist()
    scored = people.where("scored").select("citizen", "own")
    total = sql.lit(influence.k0) + or_zero("up")
    everybody = received(ties, scored.select("citizen", sql.lit(1.0).alias("phi")))
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


def received(ties: DataFrame, radiated: DataFrame) -> DataFrame:
    """Σ m·φ of the negative parts, `down`, and of the positive ones, `up`, of every row that has any."""
    # A hash table of the citizens whose φ is not 0; a sorting join would move the ties of all.
    pushed = ties.join(radiated.hint("shuffle_hash"), "citizen").select("phi", sql.inline(sql.arrays_zip("other", "m")))
    part = sql.col("m") * sql.col("phi")
    sums = sql.sum(sql.least(part, sql.lit(0.0))).alias("down"), sql.sum(sql.greatest(part, sql.lit(0.0))).alias("up")
    return pushed.groupBy(sql.col("other").alias("citizen")).agg(*sums)


def weighed(influence: Influence) -> Column:
    """The weight m of every tie of a row for the other citizen, to whom this one has the reverse role."""
    weights = sql.array(*map(sql.lit, influence.weight[REVERSE_ROLE].tolist()))
    return sql.zip_with("strength", "role", lambda strength, role: strength.cast("double") * weights[role])


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
