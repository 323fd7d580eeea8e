"""Puts the raw records of the libraries, and the admin's own sign-in, in order once all of them are registered."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Stands behind the libraries in INSTALLED_APPS, so that it comes after what they register."""

    name = "sesame_site.kit.admin"
    label = "records"

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        from sesame_site.kit.admin.libraries import register_again

        register_again()
        # The form of the admin itself knows no second factor.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
