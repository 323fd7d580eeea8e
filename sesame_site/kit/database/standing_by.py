"""Processes of which only one works at a time, while another stands by to take over."""

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import Error, connection

from sesame_site.kit.database.locks import advisory_lock

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_ATTEMPTS = 5.0


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
                    logger.info("process_works" if held else "process_stands_by", extra={"process": name})
                held_before = held
                if held:
                    work()
        except lost as error:
            logger.warning("process_lost_the_database", extra={"process": name, "reason": str(error).strip()})
            connection.close()
        stop.wait(SECONDS_BETWEEN_ATTEMPTS)
