"""Registers the app with Django."""

from django.apps import AppConfig


class PerksConfig(AppConfig):
    name = "perks"
    default_auto_field = "django.db.models.BigAutoField"
