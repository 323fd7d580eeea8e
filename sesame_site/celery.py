"""The Celery application and the one base of all background tasks; tasks live in each app's tasks.py."""

import os
from functools import partial
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from redis import Redis
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sesame_site.settings")


class Task(DjangoTask):  # type: ignore[type-arg]
    """A Celery task that reaches the broker only when the transaction that asked for it has been committed.

    Inside a transaction `delay` and `apply_async` return None; a rollback forgets the task. A lost connection is
    retried up to five times with growing pauses of up to a minute; every other error fails the task.
    """

    autoretry_for = (OperationalError, InterfaceError, ConnectionError)
    max_retries = 5
    retry_backoff = True
    retry_backoff_max = 60
    retry_jitter = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        send = partial(super().apply_async, args, kwargs, **options)
        if not transaction.get_connection().in_atomic_block:
            return send()
        # Robust: what was committed stays done even if the broker is away just then.
        transaction.on_commit(send, robust=True)
        return None


app = Celery("sesame", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def queue_takes_tasks() -> bool:
    """Whether the broker answers at once, and has room for a task."""
    try:
        with Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as broker:
            broker.set("room", "", px=1)
    except RedisError:
        return False
    return True
