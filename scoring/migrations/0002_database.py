"""What the models cannot say: partitions, the indexes of movements, erasure, and the two periodic tasks."""

from django.db import migrations

# A run's scores are attached, and dropped, as one table.
PARTITIONED_BY_RUN = """
    DROP TABLE scoring_score;
    CREATE TABLE scoring_score (
        run_id bigint NOT NULL,
        citizen_id bigint NOT NULL,
        own double precision NOT NULL,
        drag double precision NOT NULL,
        lift double precision NOT NULL,
        network double precision NOT NULL,
        value double precision NOT NULL,
        published smallint NOT NULL,
        known_at timestamp with time zone NULL,
        CONSTRAINT published_score_in_range CHECK (published >= 350 AND published <= 950),
        PRIMARY KEY (run_id, citizen_id)
    ) PARTITION BY LIST (run_id);
"""
# A million rows come at once, and each index takes as long again as the rows themselves. So one serves for both: rows
# are told apart by `id`, and looked for by citizen.
ONE_INDEX_BY_CITIZEN = """
    ALTER TABLE scoring_movement
        DROP CONSTRAINT scoring_movement_pkey,
        ADD CONSTRAINT scoring_movement_pkey PRIMARY KEY (citizen_id, id)
"""
# Rows are appended in the order of `id`, nearly, so an entry for each 32 pages finds a range of them.
A_SMALL_INDEX_BY_ID = "CREATE INDEX movement_by_id ON scoring_movement USING brin (id) WITH (pages_per_range = 32)"
# Scores are filled by COPY into tables of their own, which foreign keys would slow down several times. A process that
# writes scores keeps others from erasing until its rows can be seen, and so erased; see publishing.hold_scores. The run
# in force is no lock for that: there may be none yet, and after a publication it is another.
ERASURE = """
    CREATE FUNCTION scoring_erase_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('erasure of scores', 0));
        DELETE FROM scoring_score WHERE citizen_id = OLD.id;
        DELETE FROM scoring_movement WHERE citizen_id = OLD.id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER scores_go_with_their_citizen AFTER DELETE ON citizens_citizen
        FOR EACH ROW EXECUTE FUNCTION scoring_erase_citizen();
"""
NO_ERASURE = """
    DROP TRIGGER scores_go_with_their_citizen ON citizens_citizen;
    DROP FUNCTION scoring_erase_citizen();
"""
PERIODIC_TASKS = (
    ("Re-score everybody", "scoring.tasks.scheduled_run", 1, "hours", "A full run; the period may be changed."),
    ("Notice dead runs", "scoring.tasks.fail_dead_runs", 1, "minutes", "Fails runs whose worker has died."),
)


def add_periodic_tasks(apps, schema_editor):
    """Puts them where an administrator can change them."""
    IntervalSchedule = apps.get_model("django_celery_beat", "IntervalSchedule")
    PeriodicTask = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, every, period, description in PERIODIC_TASKS:
        interval, _ = IntervalSchedule.objects.get_or_create(every=every, period=period)
        PeriodicTask.objects.get_or_create(
            name=name, defaults={"task": task, "interval": interval, "description": description}
        )


def remove_periodic_tasks(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task__startswith="scoring.tasks.").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunSQL(PARTITIONED_BY_RUN, migrations.RunSQL.noop),
        migrations.RunSQL(ONE_INDEX_BY_CITIZEN, migrations.RunSQL.noop),
        migrations.RunSQL(A_SMALL_INDEX_BY_ID, "DROP INDEX movement_by_id"),
        migrations.RunSQL(ERASURE, NO_ERASURE),
        migrations.RunPython(add_periodic_tasks, remove_periodic_tasks),
    ]
