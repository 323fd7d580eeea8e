"""What the models cannot say: the groups by which accounts have roles, and the task that seals the audit trail."""

from django.db import migrations

ROLES = ("rule_author", "publisher", "judge", "perk_manager", "registrar", "auditor", "operator")


def add_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name in ROLES:
        Group.objects.get_or_create(name=name)


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


def add_periodic_task(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(every=1, period="minutes")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Seal the audit trail",
        defaults={
            "task": "citizens.tasks.seal_audit_trail",
            "interval": interval,
            "description": "Adds new entries to the chain of hashes.",
        },
    )


def remove_periodic_task(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task__startswith="citizens.tasks.").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("citizens", "0002_population"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunPython(add_roles, remove_roles),
        migrations.RunPython(add_periodic_task, remove_periodic_task),
    ]
