"""A full run from the database: rows in PostgreSQL to published scores.

python -m bench.rescore           100,000 citizens, 1 million ties, 2 million behaviours
python -m bench.rescore --quick   10,000 citizens, 100,000 ties, 200,000 behaviours

Uses servers and data of its own, under var/bench, and forgets them afterwards.
"""

import argparse
import os
import shutil
import tempfile

TIES_EACH = 10
BEHAVIOURS_EACH = 20
TARGET = 60.0

CITIZENS = """
    INSERT INTO citizens_citizen (key, name, is_synthetic, joined_at)
    SELECT 'b-' || i, 'Citizen ' || i, true, now() - interval '3 years' FROM generate_series(1, %(n)s) i
"""
CONSENTS = """
    INSERT INTO citizens_consent (citizen_id, source_id, granted_at, receipt)
    SELECT c.id, %(source)s, now() - interval '3 years', 'bench' FROM citizens_citizen c
"""
TIES = """
    INSERT INTO citizens_tie (first_id, second_id, kind, strength, proposed_at, started_at)
    SELECT least(a, b), greatest(a, b), 'friend', 0.1 + 0.9 * random(), now(), now() - interval '1 year'
    FROM (SELECT %(low)s + floor(random() * %(n)s)::int8 AS a, %(low)s + floor(random() * %(n)s)::int8 AS b
          FROM generate_series(1, %(ties)s)) pairs
    WHERE a <> b ON CONFLICT DO NOTHING
"""
BEHAVIOURS = """
    INSERT INTO citizens_behaviour
        (citizen_id, type_id, source_id, external_id, occurred_at, amount, recorded_at)
    SELECT %(low)s + floor(random() * %(n)s)::int8, (%(types)s::int8[])[1 + floor(random() * %(kinds)s)::int],
        %(source)s, 'bench-' || i, now() - random() * interval '2 years', 1, now() - interval '1 hour'
    FROM generate_series(1, %(behaviours)s) i
"""


def main() -> None:
    """Fill, run twice (cold, then again), and print seconds per phase."""
    parser = argparse.ArgumentParser(prog="python -m bench.rescore")
    parser.add_argument("--quick", action="store_true")
    citizens = 10_000 if parser.parse_args().quick else 100_000
    folder = tempfile.mkdtemp(prefix="sesame-bench-")
    os.environ |= {"SESAME_VAR": folder, "DJANGO_SETTINGS_MODULE": "sesame_site.settings", "LOG_LEVEL": "WARNING"}
    os.environ |= {"DATABASE_URL": "", "REDIS_URL": ""}
    try:
        measure(citizens)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(citizens: int) -> None:
    """Print a line for each of two runs."""
    import django

    django.setup()
    fill(citizens)
    from scoring.actions.runs import execute_run, start_run
    from scoring.enums import RunTrigger

    for attempt in ("cold", "again"):
        run = execute_run(start_run(acting_user=None, trigger=RunTrigger.COMMAND, background=False))
        assert run.started_at is not None, run.error
        assert run.finished_at is not None, run.error
        total = (run.finished_at - run.started_at).total_seconds()
        phases = ", ".join(f"{phase} {seconds:.2f}" for phase, seconds in run.seconds.items())
        print(
            f"{attempt}: {run.scored:,} scored, {run.ties:,} ties, {run.behaviours:,} behaviours: {total:.1f} s "
            f"({phases}); bound {run.error_bound:.6f} points; target {TARGET:.0f} s"
        )


def fill(citizens: int) -> None:
    """A random population of this size, in SQL."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from citizens.models import Citizen, Source, User
    from scoring import open_sesame_2017

    call_command("migrate", verbosity=0)
    author, publisher = User.objects.create(username="author"), User.objects.create(username="publisher")
    open_sesame_2017.create(author=author, publisher=publisher, published_at=timezone.now())
    types = [row.pk for row in open_sesame_2017.behaviour_types().values()]
    source = Source.objects.create(key="bench", name="Bench")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.2017)")
        cursor.execute(CITIZENS, {"n": citizens})
        values = {
            "n": citizens,
            "low": Citizen.objects.order_by("id").values_list("id", flat=True)[0],
            "source": source.pk,
            "types": types,
            "kinds": len(types),
            "ties": citizens * TIES_EACH,
            "behaviours": citizens * BEHAVIOURS_EACH,
        }
        for statement in (CONSENTS, TIES, BEHAVIOURS):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
