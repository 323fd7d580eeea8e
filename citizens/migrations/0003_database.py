"""What the models cannot say: the groups by which accounts have roles."""

from django.db import migrations

ROLES = ("rule_author", "publisher", "judge", "perk_manager", "registrar", "auditor", "operator")


def add_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name in ROLES:
        Group.objects.get_or_create(name=name)


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [("citizens", "0002_population"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(add_roles, remove_roles)]
