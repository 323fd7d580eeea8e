"""Thread pools with a limit on what waits for them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, TypeVar

from prometheus_client import Gauge

Result = TypeVar("Result")
UNDER_WAY = Gauge(
    "sesame_web_under_way",
    "Requests that a thread works on, or that wait for one.",
    ["lane"],
    multiprocess_mode="livesum",
)


class Full(Exception):
    """As many requests wait as may."""


class ClientLeft(Exception):
    """The client closed its connection before a thread took its request."""


class Lane:
    """`threads` threads and at most `waiting` requests that wait for one of them."""

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self.places = BoundedSemaphore(threads + waiting)
        self.under_way = UNDER_WAY.labels(name)

    def submit(self, work: Callable[[], Result]) -> "Future[Result]":
        """Begin `work` as soon as a thread is free; raises Full if too much waits already."""
        if not self.places.acquire(blocking=False):
            raise Full
        self.under_way.inc()
        future = self.threads.submit(work)
        future.add_done_callback(self._make_room)
        return future

    def _make_room(self, _: "Future[Any]") -> None:
        self.under_way.dec()
        self.places.release()


async def run_unless_left(
    lane: Lane, work: Callable[[], Result], receive: Callable[[], Awaitable[dict[str, Any]]]
) -> Result:
    """The result of `work`, done in `lane`; raises Full, or ClientLeft if it had not begun when the client left."""
    future = lane.submit(work)
    done: asyncio.Future[Any] = asyncio.wrap_future(future)
    left: asyncio.Future[Any] = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({done, left}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done() and future.cancel():
            raise ClientLeft
        result: Result = await done
        return result
    finally:
        left.cancel()
