"""A Spark session without console output that leaves no processes or files behind."""

import os
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from scoring.engine.cluster.question import Question

PACKAGES = ("scoring/__init__.py", "scoring/engine")
TIES_PER_PARTITION = 2_000_000
# An exchange has as many blocks as the square of this.
MOST_PARTITIONS = 8_192
# Workers keep compiled code in the folder that their cluster gives them, and that is removed with the job.
REMOTE = {"spark.executorEnv.NUMBA_CACHE_DIR": "compiled"}


@contextmanager
def session(master: str, question: Question, folder: Path) -> Iterator[SparkSession]:
    """A session on `master`, with this project's code on its workers; afterwards its Java process has ended."""
    conf = SparkConf().setMaster(master).setAppName("sesame")
    conf.setAll(list((settings(question, folder) | (local(folder) if is_local(master) else REMOTE)).items()))
    spark = SparkSession.builder.config(conf=conf).getOrCreate()
    try:
        spark.sparkContext.setLogLevel("ERROR")
        if not is_local(master):
            spark.sparkContext.addPyFile(str(packed(folder / "sesame.zip")))
        yield spark
    finally:
        spark.stop()
        end_java()


def is_local(master: str) -> bool:
    """Whether workers are threads of the driver, which have this project's folder and all its compiled code."""
    return master.startswith("local")


def end_java() -> None:
    """Ends the Java process, which otherwise waits for another session until its input ends."""
    java: Any = SparkContext._gateway
    java.proc.stdin.close()
    java.proc.wait(30)


def settings(question: Question, folder: Path) -> dict[str, str]:
    """The settings for any master; others are those of the cluster (SPARK_CONF_DIR, spark-defaults.conf)."""
    partitions = min(2 + question.ties // TIES_PER_PARTITION, MOST_PARTITIONS)
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.memory": os.environ.get("SPARK_DRIVER_MEMORY", f"{quarter_of_memory()}m"),
        "spark.driver.maxResultSize": "0",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
        "spark.sql.shuffle.partitions": str(partitions),
        # Everything is partitioned by citizen on purpose, which adaptive execution would undo.
        "spark.sql.adaptive.enabled": "false",
        "spark.checkpoint.compress": "true",
    }


def local(folder: Path) -> dict[str, str]:
    """The settings that keep a session on one machine off the network, in its folder and with this Python."""
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(folder / "scratch"),
    }


def quarter_of_memory() -> int:
    """In MiB, at least one GiB."""
    return max(1024, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 >> 20)


def packed(archive: Path) -> Path:
    """The packages that the workers import, as one file that Spark sends them."""
    root = Path(__file__).resolve().parents[3]
    with zipfile.ZipFile(archive, "w") as file:
        for part in map(root.joinpath, PACKAGES):
            for path in sorted(part.rglob("*.py")) if part.is_dir() else [part]:
                file.write(path, path.relative_to(root))
    return archive
