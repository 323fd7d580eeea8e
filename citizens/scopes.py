"""What applications may ask for, in either grant: the scopes that an administrator allows each of them, no others."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes

from citizens.models import ApplicationScopes


class AllowedScopes(SettingsScopes):
    """The library asks this before it takes a request for a token or for a person's leave."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """The scopes allowed to this application; all that there are where none is meant, as in the metadata."""
        if application is None:
            return list(super().get_available_scopes())
        return scopes_of(application)


def scopes_of(application: Any) -> list[str]:
    """The scopes that an administrator allows this application, in the order of the settings."""
    row = ApplicationScopes.objects.filter(application=application).first()
    return [scope for scope in SettingsScopes().get_all_scopes() if row is not None and scope in row.scopes]
