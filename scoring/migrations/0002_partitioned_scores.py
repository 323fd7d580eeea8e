"""Partitions the scores by run: a run's scores are attached, and dropped, as one table."""

from django.db import migrations

PARTITION = """
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
        CONSTRAINT published_score_in_range CHECK (published >= 350 AND published <= 950),
        PRIMARY KEY (run_id, citizen_id)
    ) PARTITION BY LIST (run_id);
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial")]

    operations = [migrations.RunSQL(PARTITION, migrations.RunSQL.noop)]
