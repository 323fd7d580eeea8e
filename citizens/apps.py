"""Registers the app with Django."""

from django.apps import AppConfig


class CitizensConfig(AppConfig):
    """Stands behind the libraries in INSTALLED_APPS, so that it comes after what they register in the admin."""

    name = "citizens"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib import admin

        from citizens.access import may_open_records
        from citizens.records import ApplicationForm, ApplicationRecords, AuditedRecords, sign_in_to_records
        from sesame_site.kit.admin.libraries import register_again

        register_again(AuditedRecords, ApplicationRecords, ApplicationForm)
        # The form of the admin itself knows no second factor, and its own gate no table of rights.
        admin.site.login = sign_in_to_records  # type: ignore[method-assign, assignment]
        admin.site.has_permission = lambda request: may_open_records(request.user)  # type: ignore[method-assign]
