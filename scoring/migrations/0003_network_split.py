"""With each score, what may be shown of how its network effect is made up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_database")]

    operations = [
        migrations.AddField(
            model_name="score",
            name="network_split",
            field=models.BinaryField(
                null=True,
                help_text="What may be shown of how drag and lift are made up, written with the run; empty: unknown.",
            ),
        ),
    ]
