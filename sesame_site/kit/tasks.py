"""The one base of all background tasks: enqueued after commit, retried when a server was away."""

from functools import partial
from typing import Any

from celery.contrib.django.task import DjangoTask
from django.db import InterfaceError, OperationalError, transaction

import sesame_site.celery  # noqa: F401  (whoever has a task at hand must send it through our broker)


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
