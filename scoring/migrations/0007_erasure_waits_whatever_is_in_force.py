from django.db import migrations

# Whoever writes scores keeps others from erasing until they can be seen, and so erased; see scoring.store.hold_scores.
# The run in force is no lock for that: there may be none yet, and after a publication it is another.
WAITS = """
    CREATE OR REPLACE FUNCTION scoring_erase_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('erasure of scores', 0));
        DELETE FROM scoring_score WHERE citizen_id = OLD.id;
        DELETE FROM scoring_scorehistory WHERE citizen_id = OLD.id;
        RETURN NULL;
    END $$;
"""
WAITS_FOR_THE_RUN_IN_FORCE = """
    CREATE OR REPLACE FUNCTION scoring_erase_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM scoring_run WHERE is_current FOR SHARE;
        DELETE FROM scoring_score WHERE citizen_id = OLD.id;
        DELETE FROM scoring_scorehistory WHERE citizen_id = OLD.id;
        RETURN NULL;
    END $$;
"""
# What may have been missed before.
LEFT_BEHIND = """
    DELETE FROM scoring_score s WHERE NOT EXISTS (SELECT FROM citizens_citizen c WHERE c.id = s.citizen_id);
    DELETE FROM scoring_scorehistory h WHERE NOT EXISTS (SELECT FROM citizens_citizen c WHERE c.id = h.citizen_id);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0006_erasure_waits_for_publishing'),
    ]

    operations = [
        migrations.RunSQL(WAITS, WAITS_FOR_THE_RUN_IN_FORCE),
        migrations.RunSQL(LEFT_BEHIND, migrations.RunSQL.noop),
    ]
