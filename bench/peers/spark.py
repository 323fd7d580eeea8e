"""The Spark engine, on the processors of this machine, from starting Java to reading the scores."""

import importlib.metadata
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench.cases import TOLERANCE, Case
from bench.peers.peer import Answer, Missing, Peer
from scoring.engine.cluster.readiness import ClusterRefused, refuse_unless_ready
from scoring.engine.cluster.submit import solve_on_cluster
from scoring.engine.kernels.threads import processors
from scoring.engine.model import Events, Population, Rules
from scoring.engine.scale import CEILING, FLOOR

MASTER = f"local[{processors()}]"
# One behaviour each, worth as many points as the own score is above the floor.
RULES = Rules(
    points=np.ones(1),
    half_life_days=np.full(1, np.inf),
    expiry_days=np.full(1, np.inf),
    most=np.full(1, CEILING),
    dimension=np.zeros(1, np.int64),
    room=np.full(1, CEILING),
    base=FLOOR,
)


def prepared(case: Case) -> Population:
    n = len(case)
    amount = np.where(case.scored, case.own - FLOOR, 0.0)
    events = Events(np.arange(n + 1), np.zeros(n, np.int16), np.zeros(n, np.int64), amount)
    return Population(events, case.ties, case.scored)


def solved(case: Case, population: Population) -> Answer:
    with tempfile.TemporaryDirectory(dir=os.environ.get("SESAME_VAR"), prefix="bench-") as folder:
        how: Any = {"as_of": 0, "until": 0, "tolerance": TOLERANCE, "master": MASTER, "folder": Path(folder, "run")}
        _, solution = solve_on_cluster(population, RULES, case.influence, **how)
    return Answer(solution.score, solution.rounds, solution.error_bound)


try:
    refuse_unless_ready(MASTER)
except ClusterRefused as refused:
    raise Missing(str(refused)) from refused

PEER = Peer(
    "Spark",
    lambda: importlib.metadata.version("pyspark"),
    prepared,
    solved,
    least=100_000,
    most=100_000,
    cases=("all radiate",),
    real=False,
    slow=True,
)
