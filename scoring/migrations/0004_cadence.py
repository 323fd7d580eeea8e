"""The programme's cadence, and of which moment the influence of others is in a run's scores."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("scoring", "0003_network_split"),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='network_at',
            field=models.DateTimeField(blank=True, help_text='The influence of others in its scores is that of this moment.', null=True),
        ),
        # Until now, whatever was known was in the scores.
        migrations.RunSQL("UPDATE scoring_run SET network_at = coalesce(live_at, known_at)", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('cadence', models.CharField(choices=[('run', 'With each run'), ('live', 'At once')], default='run', help_text='When what others do enters a published number; see docs/model.md.', max_length=8)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_programme', violation_error_message='There is one programme, and it has its row already.'), models.CheckConstraint(condition=models.Q(('cadence__in', ['run', 'live'])), name='programme_has_a_cadence', violation_error_message='Choose when others count: with each run, or at once.')],
            },
        ),
    ]
