"""Makes a run's scores visible in one instant, whole or not at all."""

import numpy as np
import pyarrow as pa
from adbc_driver_postgresql import dbapi as adbc
from django.conf import settings
from django.db import connection, transaction

from scoring.engine.model import Own, Solution, published
from scoring.enums import RunPhase, RunStatus
from scoring.models import Run
from scoring.snapshot import Snapshot
from sesame_site.kit.dsn import libpq_uri

HISTORY = """
    INSERT INTO scoring_scorehistory (citizen_id, run_id, as_of, published, own, network)
    SELECT coalesce(n.citizen_id, o.citizen_id), %(run)s, %(as_of)s, n.published, n.own, n.network
    FROM (SELECT citizen_id, published, own, network FROM scoring_score WHERE run_id = %(run)s) n
    FULL JOIN (SELECT citizen_id, published FROM scoring_score WHERE run_id = %(before)s) o USING (citizen_id)
    WHERE n.published IS DISTINCT FROM o.published
        AND EXISTS (SELECT 1 FROM citizens_citizen c WHERE c.id = coalesce(n.citizen_id, o.citizen_id))
"""


def table_of(run_id: int) -> str:
    """The name of the partition that holds a run's scores."""
    return f"scoring_score_{run_id:d}"


def fill(run: Run, snapshot: Snapshot, own: Own, solution: Solution) -> None:
    """Copies the scores into a table of the run's own, which nobody reads yet."""
    table = table_of(run.pk)
    scored = own.scored
    rows = pa.table(
        {
            "run_id": pa.array(np.full(int(scored.sum()), run.pk, np.int64)),
            "citizen_id": pa.array(snapshot.citizen_ids[scored]),
            "own": pa.array(own.score[scored]),
            "drag": pa.array(solution.drag[scored]),
            "lift": pa.array(solution.lift[scored]),
            "network": pa.array(solution.network[scored]),
            "value": pa.array(solution.score[scored]),
            "published": pa.array(published(solution.score[scored])),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} (LIKE scoring_score INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    with adbc.connect(libpq_uri()) as arrow:
        with arrow.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append")
        arrow.commit()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (run_id, citizen_id)")
        # Spares ATTACH the scan that would otherwise prove the rows belong to the run.
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_run CHECK (run_id = {run.pk:d})")
        cursor.execute(f"ANALYZE {table}")


@transaction.atomic
def publish(run: Run) -> None:
    """Attaches the filled table, makes the run current and writes the history of those whose number changed.

    All in one transaction: before it commits nobody sees the run, afterwards everybody does.
    """
    before = Run.objects.select_for_update(of=("self",), no_key=True).filter(is_current=True).first()
    table = table_of(run.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE scoring_score ATTACH PARTITION {table} FOR VALUES IN ({run.pk:d})")
        cursor.execute(HISTORY, {"run": run.pk, "as_of": run.as_of, "before": before.pk if before else None})
        run.changed = cursor.rowcount
    if before:
        before.is_current = False
        before.save(update_fields=["is_current"])
    run.is_current = True
    run.status = RunStatus.PUBLISHED
    run.phase = RunPhase.DONE
    run.progress = 1.0
    run.save(update_fields=["is_current", "status", "phase", "progress", "changed"])


def discard(run_id: int) -> None:
    """Drops what an unpublished run may have left behind."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table_of(run_id)}")


def drop_old_runs() -> int:
    """Drops the scores of all but the newest published runs (setting SCORE_RUNS_KEPT). Their history stays."""
    kept = set(Run.objects.published().order_by("-id").values_list("id", flat=True)[: settings.SCORE_RUNS_KEPT])
    current = Run.objects.filter(is_current=True).values_list("id", flat=True)
    old = [run_id for run_id in _partitions() if run_id not in kept | set(current)]
    for run_id in old:
        discard(run_id)
    return len(old)


def _partitions() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'scoring_score'::regclass ORDER BY c.relname"
        )
        return [int(name.rsplit("_", 1)[1]) for (name,) in cursor.fetchall()]
