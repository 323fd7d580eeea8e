"""Own scores on Spark: each batch of rows is folded as `scoring.engine.fold` does it."""

from collections.abc import Iterator
from functools import partial

import pyarrow as pa
from pyspark.sql import DataFrame

from scoring.engine.cluster.parquet import events_of
from scoring.engine.cluster.question import Question
from scoring.engine.fold import own_scores
from scoring.engine.model import Population, Ties

OWN = "citizen int, own double, scored boolean, counted bigint"


def folded(population: DataFrame, question: Question) -> DataFrame:
    """The own score of every row of the population, NaN for the unscored, in the columns OWN."""
    events = population.select("citizen", "eligible", "kind", "occurred", "amount")
    return events.mapInArrow(partial(_fold, question=question), OWN)


def _fold(batches: Iterator[pa.RecordBatch], question: Question) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        eligible = batch["eligible"].to_numpy(zero_copy_only=False)
        people = Population(events_of(batch), Ties.nobody(len(eligible)), eligible)
        own = own_scores(people, question.rules, as_of=question.as_of, until=question.until)
        columns = [batch["citizen"], *map(pa.array, (own.score, own.scored, own.counted))]
        yield pa.RecordBatch.from_arrays(columns, ["citizen", "own", "scored", "counted"])
