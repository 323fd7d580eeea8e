"""One Spark session on two cores of this machine, for the tests of what the job does; others start their own."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from scoring.engine.cluster.parquet import read_scores, write_population
from scoring.engine.cluster.question import BROADCAST_UP_TO, POPULATION, SCORES, Question
from scoring.engine.cluster.readiness import refuse_unless_ready
from scoring.engine.model import Influence, Own, Population, Rules, Solution
from tests.scoring.engine.worlds import NOW
from tests.spark import networks

MASTER = "local[2]"
Answer = tuple[Own, Solution]


@pytest.fixture(scope="session")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Answer]]:
    """What the job answers to a population and its weights."""
    refuse_unless_ready(MASTER)
    from scoring.engine.cluster.job import carried_out
    from scoring.engine.cluster.session import session

    def ask(
        population: Population,
        rules: Rules = networks.RULES,
        influence: Influence = networks.INFLUENCE,
        *,
        tolerance: float = 1e-6,
        broadcast_up_to: int = BROADCAST_UP_TO,
        entries: int = 4_000_000,
        until: int = NOW,
    ) -> Answer:
        folder = tmp_path_factory.mktemp("asked")
        population = replace(population, ties=population.ties.at(NOW, influence))
        n, ties = len(population), len(population.ties.other)
        question = Question(rules, influence, NOW, until, tolerance, n, ties, broadcast_up_to)
        question.write(folder)
        write_population(population, folder / POPULATION, entries=entries)
        answer = carried_out(spark, Question.read(folder), folder)
        names = "residual", "error_bound", "pushes", "rounds"
        return read_scores(folder / SCORES, n, cap=influence.cap, **{name: answer[name] for name in names})

    folder = tmp_path_factory.mktemp("session")
    size = Question(networks.RULES, networks.INFLUENCE, NOW, NOW, 1e-6, 0, 4_000_000)
    with session(MASTER, size, folder) as spark:
        yield ask
