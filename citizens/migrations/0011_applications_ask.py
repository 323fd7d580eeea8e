"""An application asks before it reads of anybody: the library's switch that leaves out the question cannot be set."""

from django.db import migrations

TABLE = "oauth2_provider_application"


class Migration(migrations.Migration):
    dependencies = [
        ("citizens", "0010_standing_roles"),
        ("oauth2_provider", "0021_translatable_field_labels"),
    ]

    operations = [
        migrations.RunSQL(
            f"UPDATE {TABLE} SET skip_authorization = false WHERE skip_authorization", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            f"ALTER TABLE {TABLE} ADD CONSTRAINT application_asks_before_it_reads CHECK (NOT skip_authorization)",
            f"ALTER TABLE {TABLE} DROP CONSTRAINT application_asks_before_it_reads",
        ),
    ]
