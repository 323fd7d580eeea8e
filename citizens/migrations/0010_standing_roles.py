"""Roles that accounts have already are on record from when they joined: nobody wrote down who gave them, or when."""

from django.db import migrations


def add_grants(apps, schema_editor):
    Group, User = apps.get_model("auth", "Group"), apps.get_model("citizens", "User")
    RoleGrant = apps.get_model("citizens", "RoleGrant")
    Group.objects.get_or_create(name="record_keeper")
    roles = dict(RoleGrant._meta.get_field("role").choices)
    having = User.groups.through.objects.filter(group__name__in=roles).order_by("id")
    rows = having.values_list("user_id", "group__name", "user__date_joined")
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(account_id=account, role=role, asked_at=joined, in_force_since=joined)
            for account, role, joined in rows
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("citizens", "0009_role_grants")]

    operations = [migrations.RunPython(add_grants, migrations.RunPython.noop)]
