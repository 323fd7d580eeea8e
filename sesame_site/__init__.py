"""The site: settings, addresses, background work, shared helpers and embedded services."""

from sesame_site.celery import app as celery_app

__all__ = ["celery_app"]
