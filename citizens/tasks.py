"""What Celery workers do for the citizens app."""

from celery import shared_task

from citizens.actions.sealing import seal_entries
from sesame_site.celery import Task


@shared_task(base=Task)
def seal_audit_trail() -> int:
    return seal_entries()
