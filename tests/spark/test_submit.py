"""A population goes to a cluster and its scores come back, and nothing of Spark is left, whatever happens."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scoring.engine.cluster.readiness import ClusterRefused, refuse_unless_it_fits, refuse_unless_ready
from scoring.engine.cluster.submit import ROOT, solve_on_cluster
from scoring.engine.fold import own_scores
from scoring.engine.model import Own, Population, Solution
from scoring.engine.solve import solve
from tests.scoring.engine.worlds import NOW
from tests.spark import networks

ALONE = "local[2]"


@pytest.fixture
def family() -> Population:
    return networks.population("royal92-relations.csv.gz")


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """In the environment of every process that comes of this test."""
    monkeypatch.setenv("SESAME_MARK", word := uuid.uuid4().hex)
    return word


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """A cluster of a master and a worker, processes of their own, as of a fresh download of Spark."""
    import pyspark

    start = Path(pyspark.__path__[0], "bin", "spark-class")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"spark://127.0.0.1:{port}"
    role, here, work = "org.apache.spark.deploy", ["--host", "127.0.0.1", "--webui-port", "0"], str(tmp_path / "work")
    commands = [
        [f"{role}.master.Master", *here, "--port", port],
        [f"{role}.worker.Worker", *here, "--cores", "2", "--memory", "2g", "--work-dir", work, address],
    ]
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    with (tmp_path / "log").open("wb") as log:
        processes = [subprocess.Popen([start, *words], env=environment, stdout=log, stderr=log) for words in commands]
        try:
            wait_for(lambda: "Successfully registered" in (tmp_path / "log").read_text())
            yield address
        finally:
            for process in processes:
                process.terminate()
                process.wait(30)


def marked(word: str) -> list[str]:
    """The programs of the processes that have the word in their environment, but this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name != str(os.getpid()) and word.encode() in (process / "environ").read_bytes():
                found.append((process / "comm").read_text().strip())
        except OSError:
            continue
    return found


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def ask(population: Population, folder: Path, master: str = ALONE) -> tuple[Own, Solution]:
    weights = networks.RULES, networks.INFLUENCE
    return solve_on_cluster(population, *weights, as_of=NOW, until=NOW, tolerance=0.001, master=master, folder=folder)


def same_as_here(population: Population, own: Own, solution: Solution) -> None:
    mine = own_scores(population, networks.RULES, as_of=NOW, until=NOW)
    exact = solve(mine.score, mine.scored, population.ties, networks.INFLUENCE, tolerance=1e-6)
    assert np.array_equal(own.score, mine.score, equal_nan=True)
    np.testing.assert_allclose(solution.score, exact.score, rtol=0, atol=0.001)
    assert 0 < solution.error_bound <= 0.001


def test_alone_and_nothing_is_left(family: Population, tmp_path: Path, mark: str) -> None:
    same_as_here(family, *ask(family, tmp_path / "run"))
    assert not (tmp_path / "run").exists()
    assert marked(mark) == []


def test_on_a_cluster_whose_workers_have_only_what_is_sent(
    family: Population, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    same_as_here(family, *ask(family, tmp_path / "run", cluster))
    assert list((tmp_path / "work").rglob("sesame.zip"))


ASK_AND_WAIT = """
import sys
from pathlib import Path
from tests.spark import networks, test_submit
test_submit.ask(networks.population("soc-slashdot0902.csv.gz"), Path(sys.argv[1]))
"""


def test_nothing_is_left_of_whoever_is_killed(tmp_path: Path, mark: str) -> None:
    asker = subprocess.Popen([sys.executable, "-c", ASK_AND_WAIT, str(tmp_path / "run")], cwd=ROOT)
    wait_for(lambda: "java" in marked(mark))
    asker.kill()
    asker.wait()
    wait_for(lambda: marked(mark) == [] and not (tmp_path / "run").exists())


def test_a_job_that_fails_says_why(family: Population, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_DRIVER_MEMORY", "100m")
    with pytest.raises(ClusterRefused, match=r"The Spark job failed: .*memory"):
        ask(family, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("master", ["", "somewhere", "local[two]", "spark://host", "http://host:7077"])
def test_no_master(master: str) -> None:
    with pytest.raises(ClusterRefused, match="is no Spark master"):
        refuse_unless_ready(master)


def test_nobody_answers() -> None:
    with pytest.raises(ClusterRefused, match=r"Nothing answers at spark://127\.0\.0\.1:9"):
        refuse_unless_ready("spark://127.0.0.1:9")


def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ClusterRefused, match="Java 17 or newer"):
        refuse_unless_ready(ALONE)


WITHOUT_PYSPARK = """
import sys
from scoring.engine.cluster import readiness
sys.path[:] = [folder for folder in sys.path if "site-packages" not in folder]
readiness.refuse_unless_ready("local[2]")
"""


def test_no_pyspark() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYSPARK], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "ClusterRefused: PySpark is not installed: pip install -r requirements/spark.txt" in done.stderr


def test_no_room(family: Population, tmp_path: Path) -> None:
    endless = replace(family.events, amount=np.broadcast_to(1.0, 10**15))
    with pytest.raises(ClusterRefused, match=r"GB left; this population needs \d+"):
        refuse_unless_it_fits(replace(family, events=endless), tmp_path)


def test_weights_are_refused_before_anything_is_written(family: Population, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="drag must be at least 0 and less than 1"):
        solve_on_cluster(
            family, networks.RULES, replace(networks.INFLUENCE, drag=1.0),
            as_of=NOW, until=NOW, tolerance=0.001, master=ALONE, folder=tmp_path / "run",
        )  # fmt: skip
    assert not (tmp_path / "run").exists()
