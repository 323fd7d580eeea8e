"""A real web server, and clients of it, for as long as a test needs them."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.worker import ROOT, wait_until

SECONDS_TO_ANSWER = 60


class Web(NamedTuple):
    """A server process and the port at which it listens."""

    process: "subprocess.Popen[bytes]"
    port: int

    def workers(self) -> set[int]:
        """The process numbers of those who answer."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return set(map(int, children.read_text().split()))

    def connect(self, receive_buffer: int | None = None) -> socket.socket:
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(SECONDS_TO_ANSWER)
        client.connect(("127.0.0.1", self.port))
        return client


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


@contextmanager
def a_web_server(environment: dict[str, str], *, workers: int = 1) -> Iterator[Web]:
    """Starts a web server and waits until it answers; nothing of it is left behind."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sesame_site", "web", "--port", str(port), "--workers", str(workers)]
    web = Web(subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True), port)
    try:
        wait_until(lambda: answers(web), what="the web server")
        yield web
    finally:
        web.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            web.process.wait(30)
        with suppress(ProcessLookupError):
            os.killpg(web.process.pid, signal.SIGKILL)
        web.process.wait(30)


def answers(web: Web) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return ask(web, "/healthz").status == 200
    return False


def ask(web: Web, path: str, *, body: str | None = None, **headers: str) -> Reply:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=SECONDS_TO_ANSWER)
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        reply = connection.getresponse()
        named = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(reply.status, named, reply.read().decode())
    finally:
        connection.close()


def in_the_background(web: Web, path: str) -> tuple[threading.Thread, list[Reply]]:
    """A request under way, and where its answer will be."""
    replies: list[Reply] = []
    thread = threading.Thread(target=lambda: replies.append(ask(web, path)))
    thread.start()
    return thread, replies
