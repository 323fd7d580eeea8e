"""Sends a population to Spark and reads its scores back, through a child process that takes all of Spark with it."""

import contextlib
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from scoring.engine.cluster.parquet import read_scores, write_population
from scoring.engine.cluster.question import ANSWER, BROADCAST_UP_TO, LOG, POPULATION, SCORES, Question
from scoring.engine.cluster.readiness import ClusterRefused, refuse_unless_it_fits, refuse_unless_ready
from scoring.engine.model import Influence, Own, Population, Rules, Solution, refuse
from scoring.engine.solve import NotConverged

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
# An entry of the log, with the line after it unless that is the next entry.
SPARK_ERROR = re.compile(r" ERROR \S+ (.+(?:\n(?!\d\d/|Traceback)\S.+)?)")
PYTHON_ERROR = re.compile(r"^(\S*(?:Error|Exception)\b.*)", re.MULTILINE)


def solve_on_cluster(
    population: Population,
    rules: Rules,
    influence: Influence,
    *,
    as_of: int,
    until: int,
    tolerance: float,
    master: str,
    folder: Path,
    broadcast_up_to: int = BROADCAST_UP_TO,
) -> tuple[Own, Solution]:
    """Computes what `own_scores` and `solve` do on the Spark cluster `master`.

    `as_of` and `until` are µs since 1970 UTC, `tolerance` is in points. `folder` must not exist yet, and must be
    visible to every node of the cluster; it is removed afterwards. Ties must be there in both directions, as
    `ties_from_pairs` makes them. The φ of populations of more than `broadcast_up_to` citizens is not broadcast.

    Raises ValueError naming the fields if the input is not valid, NotConverged as `solve` does, ClusterRefused if
    PySpark, Java, the disk or the cluster fails.
    """
    population = replace(population, ties=population.ties.at(as_of, influence))
    n, ties = len(population), len(population.ties.other)
    refuse(rules.problems() + influence.problems() + [("tolerance", "must be more than 0")] * (not tolerance > 0))
    refuse(population.problems(len(rules.points)) + population.ties.problems(n))
    refuse_unless_ready(master)
    folder = folder.resolve()
    folder.mkdir(parents=True)
    try:
        refuse_unless_it_fits(population, folder)
        Question(rules, influence, as_of, until, tolerance, n, ties, broadcast_up_to).write(folder)
        write_population(population, folder / POPULATION)
        certificate = certificate_of(carried_out(master, folder))
        return read_scores(folder / SCORES, n, cap=influence.cap, **certificate)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def carried_out(master: str, folder: Path) -> dict[str, Any]:
    """The answer of the job, run to its end in a process group of its own that is gone afterwards."""
    command = [
        sys.executable,
        "-m",
        "scoring.engine.cluster.job",
        str(folder),
        "--master",
        master,
        "--until-input-ends",
    ]
    with (folder / LOG).open("wb") as log:
        options: Any = {"cwd": ROOT, "start_new_session": True}
        job = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, **options)
        try:
            job.wait()
        finally:
            end(job)
    answer = folder / ANSWER
    return json.loads(answer.read_text()) if answer.exists() else {"failed": last_words(folder / LOG)}


def end(job: "subprocess.Popen[bytes]") -> None:
    """Kills the processes that remain of the job's process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(job.pid, signal.SIGKILL)
    job.communicate()


def certificate_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The certificate in the answer. Raises NotConverged or ClusterRefused if the job had none."""
    if "not_converged" in answer:
        raise NotConverged(answer["not_converged"])
    if "failed" in answer:
        raise ClusterRefused(f"The Spark job failed: {answer['failed']}")
    logger.info("cluster_job", extra=answer)
    return {name: answer[name] for name in ("residual", "error_bound", "pushes", "rounds")}


def last_words(log: Path) -> str:
    """The last error in the log of a job that ended without an answer. The end of that log is logged here too."""
    text = log.read_text(errors="replace")
    logger.error("cluster_job_ended", extra={"said": text[-20_000:]})
    errors = SPARK_ERROR.findall(text) or PYTHON_ERROR.findall(text)
    return " ".join(errors[-1].split()) if errors else "it was killed, or ended without giving a reason."
