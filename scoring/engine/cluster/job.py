"""The job: fold, sweeps, certificate. `python -m scoring.engine.cluster.job FOLDER`, or by spark-submit.

FOLDER, which every node must see, holds the population as Parquet and the question; scores and answer are put there.
"""

import argparse
import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from scoring.engine.cluster import broadcast, shuffle
from scoring.engine.cluster.fold import folded
from scoring.engine.cluster.parquet import write_scores
from scoring.engine.cluster.question import ANSWER, POPULATION, SCORES, Question
from scoring.engine.cluster.session import session
from scoring.engine.solve import NotConverged


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scoring.engine.cluster.job", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--until-input-ends", action="store_true", help="end when whoever started it is gone")
    options = parser.parse_args()
    if options.until_input_ends:
        threading.Thread(target=end_with_input, args=[options.folder], daemon=True).start()
    try:
        question = Question.read(options.folder)
        with session(options.master, question, options.folder) as spark:
            answer = answered(spark, question, options.folder)
    except PySparkException as error:
        answer = {"failed": reason(str(error))}
    (options.folder / ANSWER).write_text(json.dumps(answer))
    sys.exit(0 if "residual" in answer else 1)


def answered(spark: SparkSession, question: Question, folder: Path) -> dict[str, Any]:
    """The answer, or the reason why there is none. It must be called while Java runs, which knows the reason."""
    try:
        return carried_out(spark, question, folder)
    except NotConverged as error:
        return {"not_converged": str(error)}
    except (PySparkException, Py4JJavaError) as error:
        return {"failed": reason(str(error))}


def reason(message: str) -> str:
    """The cause in a message of Spark: its first line, and the last one that does not name a place in some code."""
    lines = [
        line for line in message.splitlines() if line and not line[0].isspace() and not line.startswith("SQLSTATE")
    ]
    return " … ".join(dict.fromkeys([lines[0], lines[-1]])) if lines else "Spark does not say why"


def carried_out(spark: SparkSession, question: Question, folder: Path) -> dict[str, Any]:
    """Writes the scores and returns the certificate, whether φ was broadcast, and the seconds it took."""
    began = time.perf_counter()
    population = spark.read.parquet(str(folder / POPULATION))
    own = folded(population, question)
    if question.broadcasts:
        mine = broadcast.collected(own)
        last, certificate = broadcast.solve(population, mine, question)
        write_scores(mine, last._asdict(), folder / SCORES)
    else:
        scores, certificate = shuffle.solve(population, own, question, folder)
        scores.write.parquet(str(folder / SCORES))
    return certificate | {"broadcast": question.broadcasts, "seconds": time.perf_counter() - began}


def end_with_input(folder: Path) -> None:
    """Waits until the process that started the job has ended, then ends Java and this one and removes the folder."""
    sys.stdin.buffer.read()
    java: Any = SparkContext._gateway
    if java:
        java.proc.kill()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()
