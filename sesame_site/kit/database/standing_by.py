"""Processes of which only one works at a time, while another stands by to take over."""

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import Error, connection

from sesame_site.kit.database.locks import advisory_lock

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_ATTEMPTS = 5.0
# Who works asks for something at least once a second, in a transaction or not. Who is silent for longer was stopped or
# cut off, and loses its connection, and with it the lock, to whoever stands by.
LOSE_IT_WHEN_SILENT = """
    SELECT set_config('idle_session_timeout', current_setting('idle_in_transaction_session_timeout'), false)
"""


def work_alone(
    name: str, work: Callable[[], None], *, stop: threading.Event, errors: tuple[type[Exception], ...] = ()
) -> None:
    """Works as the only process of this database with this name, until `stop` is set.

    While another one works, or the database cannot be reached, it tries again every few seconds. `errors` are those
    that tell of a lost database besides Django's and the driver's.
    """
    held_before = None
    lost: tuple[type[Exception], ...] = (Error, psycopg.Error, *errors)
    while not stop.is_set():
        try:
            with advisory_lock(name) as held:
                if held is not held_before:
                    logger.info("process_works" if held else "process_stands_by", extra={"service": name})
                held_before = held
                if held:
                    with connection.cursor() as cursor:
                        cursor.execute(LOSE_IT_WHEN_SILENT)
                    work()
        except lost as error:
            logger.warning("process_lost_the_database", extra={"service": name, "reason": str(error).strip()})
            connection.close()
        stop.wait(SECONDS_BETWEEN_ATTEMPTS)
