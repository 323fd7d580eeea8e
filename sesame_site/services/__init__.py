"""Embedded PostgreSQL and Valkey, installed from wheels, which run as long as any process uses them.

A process that calls `postgres_url` or `valkey_url` holds a lease of that server until it ends, however it ends. One
keeper process per server, in a session of its own, starts the server and stops it when the last lease has ended.
"""

from pathlib import Path

from sesame_site.services.lease import ServiceError, lease

__all__ = ["ServiceError", "postgres_url", "valkey_url"]


def postgres_url(var: Path) -> str:
    """Takes a lease of the PostgreSQL whose data is under `var`, starts it if necessary and returns its address.

    Raises ServiceError, worded for the person at the terminal, if it cannot be started.
    """
    return lease("postgres", var)


def valkey_url(var: Path) -> str:
    """Takes a lease of the Valkey whose data is under `var`, starts it if necessary and returns its address.

    Raises ServiceError, worded for the person at the terminal, if it cannot be started.
    """
    return lease("valkey", var)
