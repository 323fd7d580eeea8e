"""PostgreSQL and Valkey from wheels, for as long as any process uses them.

A process that calls `postgres_url` or `valkey_url` becomes a user of that server until it ends, however it ends.
One keeper process per server, in a session of its own, starts it and stops it after the last user.
"""

from pathlib import Path

from sesame_site.services.lease import ServiceError, lease

__all__ = ["ServiceError", "postgres_url", "valkey_url"]


def postgres_url(var: Path) -> str:
    """The address of the embedded PostgreSQL kept under `var`, which runs when this returns.

    Raises ServiceError, in words for the person at the terminal, when it cannot be brought up.
    """
    return lease("postgres", var)


def valkey_url(var: Path) -> str:
    """The address of the embedded Valkey kept under `var`, which runs when this returns; raises ServiceError."""
    return lease("valkey", var)
