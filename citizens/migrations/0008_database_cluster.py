"""Numbers of transactions that stand in order across the clusters in which a database has lived."""

import django.utils.timezone
from django.db import migrations, models

# The shift is by what TRANSACTIONS_PER_CLUSTER is. Reads must not write, so they count a cluster that has not written
# yet as the next one.
BEFORE_THIS_CLUSTER = """
    CREATE FUNCTION citizens_before_this_cluster() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
    DECLARE
        here bigint := (SELECT system_identifier FROM pg_control_system());
        newest record;
    BEGIN
        SELECT number, system_identifier INTO newest FROM citizens_databasecluster ORDER BY number DESC LIMIT 1;
        IF NOT FOUND THEN
            RETURN 0;
        END IF;
        RETURN (newest.number + (newest.system_identifier <> here)::int)::bigint << 44;
    END $$
"""
# The first who writes adds the cluster; whoever else is first waits until that is committed, or does it.
TRANSACTION_NUMBER = """
    CREATE FUNCTION citizens_transaction_number() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        before bigint := citizens_before_this_cluster();
    BEGIN
        IF before > 0 AND NOT EXISTS (SELECT FROM citizens_databasecluster WHERE number = before >> 44) THEN
            INSERT INTO citizens_databasecluster (number, system_identifier, began_at)
            SELECT before >> 44, system_identifier, clock_timestamp() FROM pg_control_system()
            ON CONFLICT (number) DO NOTHING;
        END IF;
        RETURN before + pg_current_xact_id()::text::bigint;
    END $$
"""
# Where a dump was restored before there were such numbers, rows are ahead of the cluster they are in.
THE_FIRST = """
    INSERT INTO citizens_databasecluster (number, system_identifier, began_at)
    SELECT 0, CASE WHEN ahead THEN 0 ELSE system_identifier END, clock_timestamp()
    FROM pg_control_system(), (
        SELECT greatest((SELECT max(xid) FROM citizens_change), (SELECT max(xid) FROM citizens_auditentry))
            > pg_current_xact_id()::text::bigint IS TRUE AS ahead
    ) AS rows
"""


class Migration(migrations.Migration):
    dependencies = [("citizens", "0007_amounts_keys_partners_consents")]

    operations = [
        migrations.CreateModel(
            name="DatabaseCluster",
            fields=[
                (
                    "number",
                    models.SmallIntegerField(
                        help_text="From 0, without a gap.", primary_key=True, serialize=False
                    ),
                ),
                (
                    "system_identifier",
                    models.BigIntegerField(help_text="PostgreSQL's own name of the cluster; 0: not known."),
                ),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.RunSQL(BEFORE_THIS_CLUSTER, "DROP FUNCTION citizens_before_this_cluster()"),
        migrations.RunSQL(TRANSACTION_NUMBER, "DROP FUNCTION citizens_transaction_number()"),
        migrations.RunSQL(THE_FIRST, migrations.RunSQL.noop),
        *(
            migrations.AlterField(
                model_name=model,
                name="xid",
                field=models.BigIntegerField(
                    db_default=models.Func(function="citizens_transaction_number"), editable=False
                ),
            )
            for model in ("change", "auditentry")
        ),
    ]
