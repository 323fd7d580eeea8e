"""What goes on beside a test, in the same database."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from scoring.models import Run
from tests.worker import wait_until


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    """Not started yet; it leaves no connection behind."""

    def alone() -> None:
        try:
            work()
        finally:
            connections.close_all()

    return threading.Thread(target=alone)


def elsewhere(work: Callable[[], object]) -> None:
    """Done, and committed, on a connection of its own."""
    thread = in_a_thread(work)
    thread.start()
    thread.join()


def at_the_last_moment(patch: pytest.MonkeyPatch, thread: threading.Thread) -> None:
    """Has the thread begin when nothing is missing of a publication but the commit, until it waits or has ended."""
    save = Run.save

    def saved_late(run: Run, **options: Any) -> None:
        if run.is_current and not thread.ident:
            thread.start()
            wait_until(lambda: not thread.is_alive() or waits_for_a_lock(), seconds=10, what="a lock")
        save(run, **options)

    patch.setattr(Run, "save", saved_late)


def waits_for_a_lock() -> bool:
    """Whether anybody does."""
    with connection.cursor() as cursor:
        # Within a transaction, what was seen once would be seen for ever.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
