"""A run with the Spark engine: published as any other, or failed with the reason while the earlier scores stand."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from scoring import snapshot
from scoring.engine.fold import own_scores
from scoring.engine.solve import solve
from scoring.enums import RunEngine, RunStatus
from scoring.models import RuleSet, Run, Score
from scoring.rules.arrays import influence_of, rules_of
from sesame_site.kit.moments import microseconds
from tests.spark.conftest import MASTER

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> Run:
    """The demo town, small; its run by the local engine."""
    call_command("build_town", citizens=300, seed=2017)
    return Run.objects.get(is_current=True)


def rescore(**options: object) -> None:
    call_command("rescore", **{"engine": "spark", "master": MASTER} | options)


def test_the_demo_town(town: Run) -> None:
    rescore()
    run = Run.objects.get(is_current=True)
    assert (run.engine, run.status) == (RunEngine.SPARK, RunStatus.PUBLISHED)
    assert (run.citizens, run.behaviours, run.ties) == (town.citizens, town.behaviours, town.ties)
    assert 0 < run.error_bound <= 0.001
    expected, found = by_the_local_engine(run), published(run)
    assert expected.keys() == found.keys()
    assert len(found) > 200
    for citizen, values in found.items():
        assert values == pytest.approx(expected[citizen], abs=0.001)
    call_command("verify_scores")
    assert not list(settings.SPARK_FOLDER.iterdir())


COLUMNS = ("own", "drag", "lift", "network", "value")
Columns = dict[int, tuple[float, ...]]


def published(run: Run) -> Columns:
    rows = Score.objects.filter(run_id=run.pk).order_by("citizen_id")
    return {citizen: tuple(values) for citizen, *values in rows.values_list("citizen_id", *COLUMNS)}


def by_the_local_engine(run: Run) -> Columns:
    """What it makes of the same people at the same moment."""
    taken, rule_set = snapshot.take(), RuleSet.objects.with_parts().get(pk=run.rule_set_id)
    own = own_scores(taken.population, rules_of(rule_set, taken.type_ids), as_of=microseconds(run.as_of))
    influence = influence_of(rule_set)
    ties = taken.population.ties.at(microseconds(run.as_of), influence)
    exact = solve(own.score, own.scored, ties, influence, tolerance=1e-6)
    columns = own.score, exact.drag, exact.lift, exact.network, exact.score
    rows = zip(*(column[own.scored].tolist() for column in (taken.citizen_ids, *columns)), strict=True)
    return {citizen: tuple(values) for citizen, *values in rows}


def test_a_run_that_fails(town: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_DRIVER_MEMORY", "100m")
    with pytest.raises(CommandError, match="The Spark job failed") as caught:
        rescore()
    assert caught.value.returncode == 1
    run = Run.objects.order_by("id").last()
    assert run is not None
    assert run.status == RunStatus.FAILED
    assert "memory" in run.error
    assert Run.objects.get(is_current=True) == town


@pytest.mark.parametrize("options", [{"master": "somewhere"}, {"engine": "local"}, {"background": True}])
def test_called_wrongly(options: dict[str, object]) -> None:
    with pytest.raises(CommandError, match=r"is no Spark master|--master (goes with|names)") as caught:
        rescore(**options)
    assert caught.value.returncode == 2
    assert not Run.objects.exists()
