"""The database knows which files of the population are its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_movements_across_clusters")]

    operations = [
        migrations.CreateModel(
            name="KeptFiles",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("folder", models.CharField(help_text="A random name.", max_length=32)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)),
                        name="one_folder_of_kept_files",
                        violation_error_message="The population is kept in one folder.",
                    )
                ],
            },
        ),
    ]
