"""Checks whether a run on Spark can work here, before anything is written."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from scoring.engine.model import Population

MASTERS = re.compile(r"local(\[(\d+|\*)(, *\d+)?\])?|spark://[^:,/]+:\d+(,[^:,/]+:\d+)*|yarn|k8s://.+")
JAVA = 17
# The disk must hold the snapshot, the files that workers spill and exchange, and the scores.
SPACE_FACTOR = 3


class ClusterRefused(Exception):
    """Spark cannot be used, or the job failed; the message says why and what to do."""


def refuse_unless_ready(master: str) -> None:
    """Raises ClusterRefused if PySpark or Java is missing here, or `master` is none or does not answer."""
    if not MASTERS.fullmatch(master):
        raise ClusterRefused(f"“{master}” is no Spark master. Say local[2], spark://host:7077, yarn or k8s://….")
    if master.startswith("spark://") and not any(map(answers, master.removeprefix("spark://").split(","))):
        raise ClusterRefused(f"Nothing answers at {master}. Is the cluster up?")
    if find_spec("pyspark") is None:
        raise ClusterRefused("PySpark is not installed: pip install -r requirements/spark.txt")
    if java_version() < JAVA:
        raise ClusterRefused(f"Spark needs Java {JAVA} or newer: install it, or set JAVA_HOME to where it is.")


def answers(place: str) -> bool:
    """Whether something listens at host:port."""
    host, _, port = place.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
        return True
    return False


def java_version() -> int:
    """The main version of the Java that Spark will use; 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    try:
        java = str(Path(home, "bin", "java")) if home else "java"
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else 0


def refuse_unless_it_fits(population: Population, folder: Path) -> None:
    """Raises ClusterRefused if `folder` is on a disk with too little room."""
    columns = population.events.amount, population.events.occurred, population.ties.other, population.ties.strength
    needed = SPACE_FACTOR * sum(column.nbytes for column in columns) + 100 * SPACE_FACTOR * len(population)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ClusterRefused(f"{folder} has {free / 1e9:.1f} GB left; this population needs {needed / 1e9:.1f} GB.")
