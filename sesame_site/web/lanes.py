"""Thread pools with a limit on what waits for them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
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
        self.most_at_once, self.most = threads, threads + waiting
        self.under_way, self.lock = 0, Lock()
        self.gauge = UNDER_WAY.labels(name)

    def submit(self, work: Callable[[], Result]) -> "tuple[Future[Result], bool]":
        """Begin `work` as soon as a thread is free, and say whether it must wait for one.

        Raises Full if as many wait as may.
        """
        with self.lock:
            if self.under_way >= self.most:
                raise Full
            self.under_way += 1
            must_wait = self.under_way > self.most_at_once
        self.gauge.inc()
        future = self.threads.submit(work)
        future.add_done_callback(self._make_room)
        return future, must_wait

    def _make_room(self, _: "Future[Any]") -> None:
        with self.lock:
            self.under_way -= 1
        self.gauge.dec()


async def run_unless_left(
    lane: Lane, work: Callable[[], Result], receive: Callable[[], Awaitable[dict[str, Any]]]
) -> Result:
    """The result of `work`, done in `lane`; raises Full, or ClientLeft if it had not begun when the client left."""
    future, must_wait = lane.submit(work)
    done: asyncio.Future[Result] = asyncio.wrap_future(future)
    if must_wait:
        await _cancel_if_left(future, done, receive)
    return await done


async def _cancel_if_left(
    future: "Future[Any]", done: "asyncio.Future[Any]", receive: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    left: asyncio.Future[Any] = asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait({done, left}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done() and future.cancel():
            raise ClientLeft
    finally:
        left.cancel()


async def _disconnect(receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
