"""The fixed point where φ is too large to send to every worker: only sums travel, and the driver holds no column."""

from itertools import count
from pathlib import Path
from shutil import rmtree

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql

from scoring.engine.cluster.question import Question
from scoring.engine.cluster.sweeps import Certificate, sweep_until_certain
from scoring.engine.model import REVERSE_ROLE, Influence


def solve(population: DataFrame, own: DataFrame, question: Question, folder: Path) -> tuple[DataFrame, Certificate]:
    """The same as `scoring.engine.solve.solve`: one row per citizen with the columns of Own and Solution.

    Everything is partitioned by citizen once, and stays so. Every tie stands in both directions, so a citizen's row
    tells not only who counts for them but also for whom they count: φ meets the ties along which it goes without
    either moving, and only the sums that each partition makes of it are exchanged. Between sweeps the scores are
    written to `folder`, so that a lost worker costs one sweep and no plan grows.
    """
    influence, numbers = question.influence, count()
    ties = population.select("citizen", "other", weighed(influence).alias("m")).repartition("citizen").persist()
    people = own.repartition("citizen").persist()
    scored = people.where("scored").select("citizen", "own")
    total = sql.lit(influence.k0) + some("up")
    everybody = felt(ties, scored.select("citizen", sql.lit(1.0).alias("told")))
    basis = scored.join(everybody, "citizen", "left").select("citizen", "own", total.alias("total")).persist()

    def sweep(before: DataFrame) -> tuple[DataFrame, float]:
        after = kept(swept(ties, basis, before, influence), folder / f"sweep-{next(numbers) % 2}")
        return after, max(row[0] or 0.0 for row in after.agg(sql.max("change")).collect())

    last, certificate = sweep_until_certain(sweep, scored.withColumnRenamed("own", "score"), question)
    return people.join(last.drop("change"), "citizen", "left").fillna(0.0, "told"), certificate


def swept(ties: DataFrame, basis: DataFrame, before: DataFrame, influence: Influence) -> DataFrame:
    """T of the scores before, in the columns of a Solution, and by how much each has changed."""
    told = before.select("citizen", sql.col("score").alias("before"), phi(sql.col("score"), influence).alias("told"))
    rows = basis.join(told, "citizen").join(felt(ties, told.where("told <> 0")), "citizen", "left")
    shares = {
        name: sql.when(sql.col("total") > 0, some(felt) / sql.col("total")).otherwise(sql.lit(0.0))
        for name, felt in (("drag", "down"), ("lift", "up"))
    }
    network = clip(sql.col("drag") + sql.col("lift"), -influence.cap, influence.cap)
    score = clip(sql.col("own") + network, influence.floor, influence.ceiling)
    rows = rows.withColumns(shares).withColumn("score", score)
    change = sql.abs(sql.col("score") - sql.col("before")).alias("change")
    return rows.select("citizen", "score", "drag", "lift", "told", change)


def felt(ties: DataFrame, told: DataFrame) -> DataFrame:
    """Σ m·φ over those who drag, `down`, and over those who lift, `up`, for every citizen who feels anything."""
    # A hash of the few who tell anything; sorting would move every citizen's ties.
    pushed = ties.join(told.hint("shuffle_hash"), "citizen").select("told", sql.inline(sql.arrays_zip("other", "m")))
    part = sql.col("m") * sql.col("told")
    sums = sql.sum(sql.least(part, sql.lit(0.0))).alias("down"), sql.sum(sql.greatest(part, sql.lit(0.0))).alias("up")
    return pushed.groupBy(sql.col("other").alias("citizen")).agg(*sums)


def weighed(influence: Influence) -> Column:
    """m of every tie of a row, for the other: what this citizen is to them is the reverse of what they are."""
    weights = sql.array(*map(sql.lit, influence.weight[REVERSE_ROLE].tolist()))
    return sql.zip_with("strength", "role", lambda strength, role: strength.cast("double") * weights[role])


def phi(score: Column, influence: Influence) -> Column:
    """What people at these scores give to (or take from) those who know them, in points."""
    below = sql.greatest(sql.lit(influence.theta_drag) - score, sql.lit(0.0))
    above = sql.greatest(score - sql.lit(influence.theta_lift), sql.lit(0.0))
    return sql.lit(influence.lift) * above - sql.lit(influence.drag) * below


def clip(value: Column, low: float, high: float) -> Column:
    return sql.least(sql.greatest(value, sql.lit(low)), sql.lit(high))


def some(value: str) -> Column:
    """The value, 0 where a join has found none."""
    return sql.coalesce(value, sql.lit(0.0))


def kept(rows: DataFrame, folder: Path) -> DataFrame:
    """The same rows, read from a new `folder`, with no memory of how they were made."""
    rmtree(folder, ignore_errors=True)
    rows.sparkSession.sparkContext.setCheckpointDir(str(folder))
    return rows.checkpoint()
