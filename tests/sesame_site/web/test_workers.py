"""One worker that dies takes no other along, and a reload drops no connection."""

import http.client
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving import Web, a_web_server, ask
from tests.worker import wait_until

pytestmark = pytest.mark.slow
CLIENTS = 4


class Load:
    """Clients that ask without pause, each time on a new connection."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.answered = 0
        self.failures: list[str] = []
        self.over = threading.Event()

    def ask_on(self) -> None:
        while not self.over.is_set():
            try:
                status = ask(self.web, "/accounts/login/").status
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
            else:
                self.answered += 1
                if status != 200:
                    self.failures.append(str(status))

    def wait_for_more(self, number: int = 20) -> None:
        wanted = self.answered + number
        wait_until(lambda: self.answered >= wanted, seconds=60, what="more answers")


@contextmanager
def under_load(web: Web) -> Iterator[Load]:
    load = Load(web)
    clients = [threading.Thread(target=load.ask_on) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        load.wait_for_more()
        yield load
    finally:
        load.over.set()
        for client in clients:
            client.join()


@pytest.fixture
def web(live_environment) -> Iterator[Web]:
    with a_web_server(live_environment, workers=2) as web:
        yield web


def test_a_worker_that_dies_takes_no_other_along(web):
    dying, other = web.workers()
    with under_load(web) as load:
        os.kill(dying, signal.SIGKILL)
        load.wait_for_more()
        wait_until(lambda: len(web.workers() - {dying}) == 2, what="another worker in its place")
        load.wait_for_more()
    assert other in web.workers()
    assert len(load.failures) <= CLIENTS, "no more than what the dead one had under way"


def test_a_reload_drops_no_connection(web):
    before = web.workers()
    with under_load(web) as load:
        web.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(web.workers()) == 2 and not web.workers() & before, what="new workers")
        load.wait_for_more()
    assert load.failures == []


def test_workers_do_not_outlive_a_server_that_was_killed(web):
    workers = web.workers()
    web.process.kill()
    web.process.wait()
    wait_until(lambda: not any(map(is_alive, workers)), seconds=30, what="the workers to end")


def is_alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
