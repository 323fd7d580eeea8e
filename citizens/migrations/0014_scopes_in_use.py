"""What applications have been given so far, they may ask for on; a source's own client may furnish."""

from django.db import migrations


def allow_what_is_in_use(apps, schema_editor):
    Application = apps.get_model("oauth2_provider", "Application")
    ApplicationScopes = apps.get_model("citizens", "ApplicationScopes")
    given = {}
    for model in ("AccessToken", "Grant"):
        rows = apps.get_model("oauth2_provider", model).objects.exclude(application=None).order_by("id")
        for application, scope in rows.values_list("application_id", "scope"):
            given.setdefault(application, set()).update(scope.split())
    allowances = apps.get_model("citizens", "Allowance").objects.filter(stopped_at=None).order_by("id")
    for application, scopes in allowances.values_list("application_id", "scopes"):
        given.setdefault(application, set()).update(scopes)
    sources = apps.get_model("citizens", "Source").objects.exclude(application=None).order_by("id")
    for application in sources.values_list("application_id", flat=True):
        given.setdefault(application, set()).add("behaviours:write")
    for application in Application.objects.order_by("id"):
        scopes = sorted(given.get(application.pk, ()))
        ApplicationScopes.objects.get_or_create(application=application, defaults={"scopes": scopes})


class Migration(migrations.Migration):
    dependencies = [
        ("citizens", "0013_application_scopes"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = [migrations.RunPython(allow_what_is_in_use, migrations.RunPython.noop)]
