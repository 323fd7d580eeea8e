"""granian, set up so that slow clients are cut off, dead workers replaced, and reloads drop nobody."""

import os
import resource
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder
from granian.server import MPServer

SECONDS_TO_SEND_HEADERS = 10
MOST_HEADER_BYTES = 64 * 1024
MOST_CONNECTIONS = 4096  # of one worker
CONNECTIONS_IN_THE_QUEUE = 1024
SECONDS_UNTIL_A_SILENT_READER_IS_CUT = 60
# At a reload each new worker gets this long to load before the old one is told to end, and that one as long to finish.
SECONDS_TO_LOAD = 5
SECONDS_TO_FINISH = 60


class SharedSocketServer(MPServer):
    """All workers accept from one socket, which this process keeps open.

    granian gives each worker a socket of its own, and what waits in a socket is lost with its worker.
    """

    def _init_shared_socket(self) -> None:
        if sys.platform != "linux":
            return super()._init_shared_socket()  # which shares one there
        family = socket.AF_INET6 if ":" in self.bind_addr else socket.AF_INET
        self._sso = socket.socket(family, socket.SOCK_STREAM)
        self._sso.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sso.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = SECONDS_UNTIL_A_SILENT_READER_IS_CUT * 1000
            self._sso.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        self._sso.bind((self.bind_addr, self.bind_port))
        self._sso.set_inheritable(True)
        # Nobody is let in before the first worker can answer: it is the one to call listen.
        self._sfd = self._sso.fileno()  # type: ignore[assignment]
        self._shd = SocketHolder(self._sfd, False, self.backlog)  # type: ignore[call-arg, assignment]
        self._ssp = None
        return None

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        super().startup(spawn_target, target_loader)
        # Not before the workers are forked: what a thread has locked at that moment stays locked in them.
        threading.Thread(target=_say_when_listening, args=(self.bind_addr, self.bind_port), daemon=True).start()


def serve(application: str, host: str, port: int, *, workers: int) -> None:
    """Serve until a signal ends it; SIGHUP replaces the workers. Raises OSError if the address cannot be had."""
    os.environ["SESAME_WEB_SERVER"] = str(os.getpid())
    _allow_connections(MOST_CONNECTIONS)
    server = SharedSocketServer(
        application,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        backlog=CONNECTIONS_IN_THE_QUEUE,
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(
            header_read_timeout=SECONDS_TO_SEND_HEADERS * 1000, max_buffer_size=MOST_HEADER_BYTES
        ),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=SECONDS_TO_LOAD,
        workers_kill_timeout=SECONDS_TO_FINISH,
    )
    server.serve()


def _allow_connections(number: int) -> None:
    """Each connection takes a file descriptor, of which there are often 1,024 unless one asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number + 1024
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _say_when_listening(host: str, port: int) -> None:
    while True:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            sys.stderr.write(f"Listening at http://{f'[{host}]' if ':' in host else host}:{port}\n")
            return
        time.sleep(0.1)
