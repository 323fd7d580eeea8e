"""The process that keeps one embedded server running until its last lease ends: `keeper SERVICE HOME`."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from sesame_site.parents import end_with_parent
from sesame_site.services import postgres, valkey
from sesame_site.services.lease import ServiceError, open_lock

SECONDS_TO_START = 60.0
SECONDS_TO_TRY_AGAIN = 10.0
SECONDS_TO_STOP = 20.0


class Plan(NamedTuple):
    """How to run a server. `user` is the system user to run it as; `ready(pid)` tells whether it answers."""

    command: list[str]
    user: int | None
    address: str
    ready: Callable[[int], bool]
    stop_signal: signal.Signals


PLANS: dict[str, Callable[[Path], Plan]] = {
    "postgres": lambda home: Plan(*postgres.plan(home)),
    "valkey": lambda home: Plan(*valkey.plan(home)),
}


class ServerEnded(Exception):
    """The server process ended without having been stopped."""


class TerminationRequested(Exception):
    """This process received SIGTERM."""


def main(service: str, home: Path) -> int:
    """Starts the server, writes its address to standard output, waits until the last lease ends, stops the server.

    A server that ends earlier is started again at the same address. Returns the exit code of the process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    keeper = open_lock(home / "keeper.lock")
    users = open_lock(home / "users.lock")
    address_file = home / "address"
    try:
        fcntl.flock(keeper, fcntl.LOCK_EX)
        os.truncate(keeper, 0)
        os.write(keeper, f"{os.getpid()}\n".encode())
        address_file.unlink(missing_ok=True)
        plan = PLANS[service](home)
        server = _start(plan, home)
    except (ServiceError, OSError, subprocess.SubprocessError) as error:
        _reply(error=str(error))
        return 1
    except Exception as error:
        _reply(error=f"{type(error).__name__}: {error}.")
        raise
    _write_privately(address_file, plan.address)
    _reply(address=plan.address)
    try:
        server = _keep_running(plan, home, users, server)
    except (ServiceError, OSError) as error:
        print(f"It cannot be started again: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        address_file.unlink(missing_ok=True)
    _stop(server, plan.stop_signal)
    os.close(keeper)
    os.close(users)
    return 0


def _reply(**content: str) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()
    sys.stdout.close()
    # Descriptor 1 must stay open, or the next file that is opened would become standard output.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _write_privately(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _start(plan: Plan, home: Path) -> subprocess.Popen[bytes]:
    """Runs the server and waits until it answers.

    It is tried again for some seconds, because the server of a keeper that was killed may still be ending. Raises
    ServiceError if it does not start or does not answer in time.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        with (home / "server.log").open("ab") as log:
            server = subprocess.Popen(
                plan.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=plan.user,
                group=None if plan.user is None else postgres.group_of(plan.user),
                extra_groups=None if plan.user is None else [],
                preexec_fn=lambda: end_with_parent(signal.SIGINT),
            )
        while server.poll() is None:
            if plan.ready(server.pid):
                return server
            if time.monotonic() > deadline:
                server.kill()
                raise ServiceError(f"it did not answer within {SECONDS_TO_START:.0f} seconds.")
            time.sleep(0.02)
        if time.monotonic() > deadline - SECONDS_TO_START + SECONDS_TO_TRY_AGAIN:
            raise ServiceError(_last_log_lines(home / "server.log"))
        time.sleep(0.5)


def _last_log_lines(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "it ended at once."


def _keep_running(plan: Plan, home: Path, users: int, server: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Returns the server process once the last lease has ended or SIGTERM has come. Raises as `_start` does."""
    while True:
        try:
            _wait_for_last_lease(users, server)
            return server
        except TerminationRequested:
            return server
        except ServerEnded:
            # `wait` frees its process number; the next server would otherwise believe that this one still runs.
            print(f"It ended with {server.wait()}; starting it again.", file=sys.stderr, flush=True)
            server = _start(plan, home)


def _wait_for_last_lease(users: int, server: subprocess.Popen[bytes]) -> None:
    def terminated(_signal: int, _frame: FrameType | None) -> None:
        raise TerminationRequested

    def ended(_signal: int, _frame: FrameType | None) -> None:
        raise ServerEnded

    try:
        signal.signal(signal.SIGTERM, terminated)
        signal.signal(signal.SIGCHLD, ended)
        if server.poll() is not None:
            raise ServerEnded
        fcntl.flock(users, fcntl.LOCK_EX)
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _stop(server: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if server.poll() is not None:
        return
    server.send_signal(stop_signal)
    try:
        server.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
