"""Runs are a week apart where nobody has chosen otherwise: the closer they are, the more people learn of each other."""

from django.db import migrations

TASK = "scoring.tasks.scheduled_run"


def _set(apps, *, if_it_was, to):
    intervals = apps.get_model("django_celery_beat", "IntervalSchedule").objects
    interval, _ = intervals.get_or_create(every=to[0], period=to[1])
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task=TASK)
    tasks.filter(interval__every=if_it_was[0], interval__period=if_it_was[1]).update(interval=interval)


def weekly(apps, schema_editor):
    _set(apps, if_it_was=(1, "hours"), to=(7, "days"))


def hourly(apps, schema_editor):
    _set(apps, if_it_was=(7, "days"), to=(1, "hours"))


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_kept_files"), ("django_celery_beat", "0019_alter_periodictasks_options")]

    operations = [migrations.RunPython(weekly, hourly)]
