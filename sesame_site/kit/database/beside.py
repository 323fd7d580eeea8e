"""Database work on a second connection, while the caller works on the first."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def beside(work: Callable[..., Any], *arguments: Any) -> Iterator[None]:
    """Runs `work(*arguments)` on another thread and connection while the block runs, and waits for it at the end.

    It sees what is committed, and its transactions do not depend on those of the block. An exception that it raises is
    raised at the end of the block.
    """

    def run_and_close() -> None:
        try:
            work(*arguments)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(run_and_close)
        yield
        done.result()
