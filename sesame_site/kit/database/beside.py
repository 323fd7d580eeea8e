"""Work in the database beside other work in the database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def beside(work: Callable[..., Any], *arguments: Any) -> Iterator[None]:
    """`work(*arguments)` on a thread and a connection of its own while the block runs; what it raises is raised then.

    It sees what is committed, and its own transactions stand whatever becomes of those of the block.
    """

    def alone() -> None:
        try:
            work(*arguments)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(alone)
        yield
        done.result()
