"""Movements are numbered as changes are: in order across the clusters in which a database has lived."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_plausible_amounts_of_installed_types"), ("citizens", "0008_database_cluster")]

    operations = [
        migrations.AlterField(
            model_name="movement",
            name="xid",
            field=models.BigIntegerField(
                db_default=models.Func(function="citizens_transaction_number"), editable=False
            ),
        ),
    ]
