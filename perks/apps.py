"""Registers the app with Django."""

from django.apps import AppConfig


class PerksConfig(AppConfig):
    name = "perks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from perks.effects import effects_of
        from scoring.lab.registry import register

        register(effects_of)
