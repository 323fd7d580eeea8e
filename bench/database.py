"""A random population in PostgreSQL, made in SQL, for measurements that start from rows."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from citizens.actions.behaviours import Observation, furnish
from citizens.models import BehaviourType, Change, Citizen, Source, User
from scoring.actions.installation import install_behaviour_types, install_rule_set
from scoring.models import Run

ROOT = Path(__file__).resolve().parents[1]
SEED = 0.2017
CITIZENS = """
    INSERT INTO citizens_citizen (key, name, is_synthetic, joined_at)
    SELECT 'b-' || i, 'Citizen ' || i, true, now() - interval '3 years' FROM generate_series(1, %(citizens)s) i
"""
CONSENTS = """
    INSERT INTO citizens_consent (citizen_id, source_id, granted_at, origin, receipt)
    SELECT c.id, %(source)s, now() - interval '3 years', 'town', '' FROM citizens_citizen c ORDER BY c.id
"""
TIES = """
    INSERT INTO citizens_tie (first_id, second_id, kind, strength, proposed_at, started_at)
    SELECT least(a, b), greatest(a, b), 'friend', 0.1 + 0.9 * random(), now(), now() - interval '1 year'
    FROM (SELECT DISTINCT least(a, b) AS a, greatest(a, b) AS b FROM (
        SELECT %(low)s + floor(random() * %(citizens)s)::int8 AS a, %(low)s + floor(random() * %(citizens)s)::int8 AS b
        FROM generate_series(1, %(ties)s)) drawn WHERE a <> b) pairs
"""
BEHAVIOURS = """
    INSERT INTO citizens_behaviour
        (citizen_id, type_id, source_id, external_id, external_key, occurred_at, amount, recorded_at)
    SELECT %(low)s + floor(random() * %(citizens)s)::int8,
        (%(types)s::int8[])[1 + floor(random() * %(kinds)s)::int],
        %(source)s, 'bench-' || i, 'bench-' || i, now() - random() * interval '2 years', 1, now() - interval '1 hour'
    FROM generate_series(1, %(behaviours)s) i
"""
NEW = """
    WITH fresh AS (
        INSERT INTO citizens_behaviour
            (citizen_id, type_id, source_id, external_id, external_key, occurred_at, amount, recorded_at)
        SELECT b.citizen_id, b.type_id, b.source_id, 'new-' || b.id, 'new-' || b.id, now(), 1, now()
        FROM (SELECT * FROM citizens_behaviour TABLESAMPLE SYSTEM (20) ORDER BY random() LIMIT %(behaviours)s) b
        RETURNING id, citizen_id
    )
    INSERT INTO citizens_change (kind, citizen_id, subject_id, created_at)
    SELECT 'behaviour', citizen_id, id, now() FROM fresh
"""


def fill(*, citizens: int, ties: int, behaviours: int) -> None:
    """Migrate an empty database and write a population of this size, with the demo's rule set published."""
    call_command("migrate", verbosity=0)
    author, publisher = (User.objects.create(username=name, is_superuser=True) for name in ("author", "publisher"))
    install_rule_set(author=author, publisher=publisher, published_at=timezone.now())
    types = [row.pk for row in install_behaviour_types().values()]
    source = Source.objects.create(key="bench", name="Bench")
    sizes = {"citizens": citizens, "ties": ties, "behaviours": behaviours}
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [SEED])
        # The rows refer to one another by construction; checking each of them would take most of the time.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(CITIZENS, sizes)
        low = Citizen.objects.order_by("id").values_list("id", flat=True)[0]
        values = sizes | {"low": low, "source": source.pk, "types": types, "kinds": len(types)}
        for statement in (CONSENTS, TIES):
            cursor.execute(statement, values)
        _without_indexes(cursor, "citizens_behaviour", lambda: cursor.execute(BEHAVIOURS, values))
        cursor.execute("SET session_replication_role = DEFAULT")
        # What autovacuum would do within minutes, beside whatever is measured then.
        cursor.execute("VACUUM (ANALYZE)")


def _without_indexes(cursor: CursorWrapper, table: str, work: Callable[[], object]) -> None:
    """Do `work` while the table has no index but those of its constraints, which are dropped and made again too."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
        [table],
    )
    constraints = cursor.fetchall()
    for name, _ in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    work()
    for _, definition in indexes:
        cursor.execute(definition)
    for name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def behave(count: int) -> None:
    """So many new behaviours of anybody, each with its row in the outbox."""
    with connection.cursor() as cursor:
        cursor.execute(NEW, {"behaviours": count})


def arriving(*, per_second: int, seconds: int) -> list[float]:
    """Furnish so many behaviours a second while an engine of its own process serves; the seconds each took to count."""
    engine = subprocess.Popen([sys.executable, "manage.py", "engine"], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_for_the_engine()
        last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
        _furnish_steadily(per_second, seconds)
        while Change.objects.pending().exists():
            time.sleep(0.1)
    finally:
        engine.terminate()
        engine.wait()
    moments = Change.objects.filter(id__gt=last).values_list("created_at", "applied_at")
    return [(applied - created).total_seconds() for created, applied in moments if applied]


def _wait_for_the_engine() -> None:
    before = Run.objects.current()
    while Run.objects.current().live_at == before.live_at:
        time.sleep(0.1)


def _furnish_steadily(per_second: int, seconds: int) -> None:
    source = Source.objects.get(key="bench")
    types = list(BehaviourType.objects.order_by("id").values_list("key", flat=True))
    keys = list(Citizen.objects.order_by("id").values_list("key", flat=True)[:200_000])
    dice, began, batch = random.Random(1), time.perf_counter(), per_second // 10
    for number in range(seconds * 10):
        events = [
            Observation(dice.choice(keys), dice.choice(types), f"live-{began}-{number}-{i}", timezone.now())
            for i in range(batch)
        ]
        furnish(acting_user=None, source=source, observations=events)
        time.sleep(max(0.0, began + (number + 1) / 10 - time.perf_counter()))
