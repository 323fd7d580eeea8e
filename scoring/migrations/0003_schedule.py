"""Puts the two periodic tasks into the database, where an administrator can change them."""

from django.db import migrations


def add(apps, schema_editor):
    IntervalSchedule = apps.get_model("django_celery_beat", "IntervalSchedule")
    PeriodicTask = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, every, period, description in (
        ("Re-score everybody", "scoring.tasks.scheduled_run", 1, "hours", "A full run; the period may be changed."),
        ("Notice dead runs", "scoring.tasks.fail_dead_runs", 1, "minutes", "Fails runs whose worker has died."),
    ):
        interval, _ = IntervalSchedule.objects.get_or_create(every=every, period=period)
        PeriodicTask.objects.get_or_create(
            name=name, defaults={"task": task, "interval": interval, "description": description}
        )


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task__startswith="scoring.tasks.").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0002_partitioned_scores"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
