from django.db import migrations

# Whoever publishes holds the run in force until what they write can be seen, and so erased.
WAITS = """
    CREATE OR REPLACE FUNCTION scoring_erase_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM scoring_run WHERE is_current FOR SHARE;
        DELETE FROM scoring_score WHERE citizen_id = OLD.id;
        DELETE FROM scoring_scorehistory WHERE citizen_id = OLD.id;
        RETURN NULL;
    END $$;
"""
DOES_NOT = """
    CREATE OR REPLACE FUNCTION scoring_erase_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM scoring_score WHERE citizen_id = OLD.id;
        DELETE FROM scoring_scorehistory WHERE citizen_id = OLD.id;
        RETURN NULL;
    END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0005_history_in_one_index'),
    ]

    operations = [
        migrations.RunSQL(WAITS, DOES_NOT),
    ]
