"""A full run from the database, live updates, previews and explanations: rows in PostgreSQL to what people see.

python -m bench.rescore           1 million citizens, 5 million ties, 20 million behaviours; about ten minutes
python -m bench.rescore --quick   10,000 citizens, 50,000 ties, 200,000 behaviours

Uses servers and data of its own in a temporary folder, and forgets them afterwards.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import rounds
from bench.progress import say

TIES_EACH, BEHAVIOURS_EACH = 5, 20
SHARE_NEW = 0.1
EXPLAINED = 40
# Columns as they are in the tables, which the driver reads by COPY in PostgreSQL's binary format; the citizens last.
FLOOR = (
    "SELECT citizen_id, source_id FROM citizens_consent WHERE withdrawn_at IS NULL",
    "SELECT citizen_id, source_id, type_id, occurred_at, amount FROM citizens_behaviour WHERE retracted_at IS NULL",
    "SELECT first_id, second_id, kind, strength FROM citizens_tie WHERE ended_at IS NULL",
    "SELECT id, left_at FROM citizens_citizen",
)
STEPS = ("floor", "run", "preview", "explain", "live")


def main() -> None:
    """Fill, measure each step in a process of its own, and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench.rescore")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true", help="the default; there is no other form")
    parser.add_argument("--citizens", type=int)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    citizens = options.citizens or (10_000 if options.quick else 1_000_000)
    if options.step:
        return print(json.dumps(_step(options.step, seconds=3 if options.quick else 60)))
    folder = tempfile.mkdtemp(prefix="sesame-bench-")
    os.environ |= {"SESAME_VAR": folder, "DJANGO_SETTINGS_MODULE": "sesame_site.settings", "LOG_LEVEL": "ERROR"}
    os.environ |= {"DATABASE_URL": "", "REDIS_URL": ""}
    try:
        print(json.dumps(measured(citizens, quick=options.quick)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measured(citizens: int, *, quick: bool) -> dict[str, Any]:
    """Rows of the full run, and notes on what follows from it."""
    import django

    django.setup()
    from bench.database import behave, fill

    say(f"filling a database with {citizens:,} citizens")
    fill(citizens=citizens, ties=TIES_EACH * citizens, behaviours=BEHAVIOURS_EACH * citizens)
    floor = _apart("floor", quick)
    # A first run writes everybody's history; from then on, that of those whose number changed.
    rows = [_row("first of all", _apart("run", quick, forget=True), floor)]
    rows.append(_row("cold", _apart("run", quick, forget=True), floor))
    fresh = int(SHARE_NEW * citizens)
    behave(fresh)
    rows.append(_row(f"warm, {fresh:,} new behaviours", _apart("run", quick), floor))
    notes = [
        f"The floor is a bare binary COPY of the same rows out and the same scores in: {floor['seconds']:.1f} s.",
        "Seconds are until the scores are in force; then the outbox is marked and files are kept for the next run.",
        *(_apart(step, quick)["note"] for step in ("preview", "explain", "live")),
    ]
    return {"rows": rows, "notes": notes}


def _apart(step: str, quick: bool, *, forget: bool = False) -> dict[str, Any]:
    say(f"full run: {step}")
    if forget:
        shutil.rmtree(Path(os.environ["SESAME_VAR"]) / "snapshots", ignore_errors=True)
    command = [sys.executable, "-m", "bench.rescore", "--step", step, *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _row(what: str, run: dict[str, Any], floor: dict[str, Any]) -> dict[str, str]:
    phases = {phase: f"{run['phases'].get(phase, 0):.2f} s" for phase in ("snapshot", "fold", "solve", "publish")}
    return {
        "run": what,
        "citizens": f"{run['citizens']:,}",
        "ties": f"{run['ties']:,}",
        "behaviours": f"{run['behaviours']:,}",
        "seconds": f"{run['seconds']:.1f} s",
        **phases,
        "afterwards": f"{run['afterwards']:.1f} s",
        "times the floor": f"{run['seconds'] / floor['seconds']:.2f}",
        "memory": f"{run['memory'] / 2**30:.1f} GiB",
        "bound": f"{run['bound']:.4f} points",
    }


def _step(step: str, *, seconds: int) -> dict[str, Any]:
    import django

    django.setup()
    return {"floor": _floor, "run": _run, "preview": _preview, "explain": _explain, "live": lambda: _live(seconds)}[
        step
    ]()


def _floor() -> dict[str, Any]:
    """The rows that a snapshot is made of, out; as many scores as there are citizens, in."""
    import numpy as np
    from adbc_driver_postgresql import dbapi as adbc
    from django.db import connection

    from sesame_site.kit.database.bulk import copy_in
    from sesame_site.kit.database.dsn import libpq_uri

    with adbc.connect(libpq_uri()) as line, line.cursor() as out:
        began = time.perf_counter()
        for statement in FLOOR:
            out.execute(statement)
            citizens = out.fetch_arrow_table().num_rows
    columns = {"citizen_id": np.arange(citizens), "published": np.full(citizens, 600, np.int16)}
    columns |= {name: np.zeros(citizens) for name in ("own", "drag", "lift", "network", "value")}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (LIKE scoring_score)")
        copy_in(cursor, "bench_floor", {"run_id": np.ones(citizens, np.int64)} | columns)
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_floor")
    return {"seconds": took}


def _run() -> dict[str, Any]:
    from django.utils import timezone

    from scoring.actions.computing import get_ready
    from scoring.actions.runs import execute_run, start_run
    from scoring.enums import RunTrigger

    get_ready()  # as a worker is that is up
    run = execute_run(start_run(acting_user=None, trigger=RunTrigger.COMMAND))
    assert run.started_at is not None, run.error
    assert run.finished_at is not None, run.error
    return {
        "seconds": (run.finished_at - run.started_at).total_seconds(),
        "afterwards": (timezone.now() - run.finished_at).total_seconds(),
        "phases": run.seconds,
        "citizens": run.citizens,
        "ties": run.ties,
        "behaviours": run.behaviours,
        "bound": run.error_bound,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _preview() -> dict[str, Any]:
    import dataclasses

    from observatory.preview import preview
    from scoring.actions.rule_sets import draft_from, edit_draft
    from scoring.lab.what_if import what_if
    from scoring.models import RuleSet, Score
    from scoring.rules.terms import terms_of

    published = RuleSet.objects.with_parts().published().get()
    draft = draft_from(acting_user=published.author, rule_set=published, name="Tried")
    edit_draft(
        acting_user=published.author,
        rule_set=draft,
        terms=dataclasses.replace(terms_of(draft), drag=published.drag / 2),
    )
    draft = RuleSet.objects.with_parts().get(pk=draft.pk)
    first, again = rounds.seconds(lambda: preview(draft)), _median(lambda: preview(draft), 5)
    citizen = Score.objects.current().select_related("citizen").order_by("citizen_id")[0].citizen
    kind = published.rules.order_by("-points")[0].behaviour_type
    asked = _median(lambda: what_if(citizen, [(kind, 1.0)]), 20)
    return {
        "note": f"A preview of a draft takes {again:.2f} s in a process that holds the population, {first:.1f} s the "
        f"first time in a process; a what-if of one citizen {asked * 1000:.0f} ms."
    }


def _explain() -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from scoring.explanation import explain
    from scoring.models import Score

    rows = Score.objects.current().select_related("citizen").order_by("citizen_id")
    people = [row.citizen for row in rows[: EXPLAINED * 1000 : 1000]] or [rows[0].citizen]
    explain(people[0])
    times = sorted(rounds.seconds(lambda citizen=citizen: explain(citizen)) for citizen in people)  # type: ignore[misc]
    with CaptureQueriesContext(connection) as queries:
        explain(people[-1])
    return {
        "note": f"An explanation takes {statistics.median(times) * 1000:.0f} ms "
        f"(the slowest of {len(times)}: {times[-1] * 1000:.0f} ms) and {len(queries)} queries."
    }


def _live(seconds: int) -> dict[str, Any]:
    from bench.database import arriving
    from scoring.actions.programme import set_cadence
    from scoring.enums import Cadence

    set_cadence(acting_user=None, cadence=Cadence.LIVE)
    latencies = sorted(arriving(per_second=200, seconds=seconds))
    p50, p95, worst = (latencies[int(share * (len(latencies) - 1))] for share in (0.5, 0.95, 1.0))
    return {
        "note": f"Live, 200 behaviours a second for {seconds} s: from the moment a behaviour is recorded until it is "
        f"in the scores of everybody it touches, {p50:.2f} s in the middle, {p95:.2f} s at the 95th percentile, "
        f"{worst:.2f} s at most."
    }


def _median(work: Callable[[], Any], times: int) -> float:
    return statistics.median(rounds.seconds(work) for _ in range(times))


if __name__ == "__main__":
    main()
