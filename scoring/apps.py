"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ScoringConfig(AppConfig):
    name = "scoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the followers of every app."""
        autodiscover_modules("followers")
