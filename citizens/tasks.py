"""What Celery workers do for the citizens app."""

from celery import shared_task

from citizens.actions.reads import take_over_reads
from citizens.actions.sealing import seal_entries
from sesame_site.celery import Task


@shared_task(base=Task)
def seal_audit_trail() -> int:
    return seal_entries()


@shared_task(base=Task)
def take_over_reads_of_scores() -> int:
    return take_over_reads()
