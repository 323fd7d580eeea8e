"""What goes on beside a test, in the same database."""

import threading
import time
from collections.abc import Callable

from django.db import connection, connections


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    """Not started yet; it leaves no connection behind."""

    def alone() -> None:
        try:
            work()
        finally:
            connections.close_all()

    return threading.Thread(target=alone)


def at_once(work: Callable[[], object]) -> None:
    """Done, and committed, on a connection of its own."""
    thread = in_a_thread(work)
    thread.start()
    thread.join()


def waits_for_a_lock() -> bool:
    """Whether anybody does."""
    with connection.cursor() as cursor:
        # Within a transaction, what was seen once would be seen for ever.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("It did not come to that within ten seconds.")
