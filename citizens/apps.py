"""Registers the app with Django."""

from django.apps import AppConfig


class CitizensConfig(AppConfig):
    """Stands behind the libraries in INSTALLED_APPS, so that it comes after what they register in the admin."""

    name = "citizens"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        from citizens.records import AuditedRecords
        from sesame_site.kit.admin.libraries import register_again

        register_again(AuditedRecords)
        # The form of the admin itself knows no second factor.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
