"""Registers the demo town's commands with Django."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "sesame_site.demo"
    label = "demo"
