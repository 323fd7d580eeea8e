"""Being a user of an embedded server: shared file locks that the kernel releases even for a killed process."""

import atexit
import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

SECONDS_TO_STOP = 15.0

_held: dict[Path, tuple[int, str]] = {}
_in_turn = {service: threading.Lock() for service in ("postgres", "valkey")}


class ServiceError(Exception):
    """An embedded server could not be brought up."""


def open_lock(path: Path) -> int:
    """A fresh descriptor of a lock file, closed on exec."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, operation: int) -> bool:
    """Take a lock if it is free at once."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lease(service: str, var: Path) -> str:
    """Become a user of `service` under `var`, bring it up if need be, and return its address.

    A forked child shares the lease of its parent, so workers of a pool need nothing of their own.
    Raises ServiceError.
    """
    home = var.resolve() / "services" / service
    with _in_turn[service]:
        if home not in _held:
            _held[home] = _take(service, home)
            atexit.register(_give_up, home, os.getpid())
        return _held[home][1]


def _take(service: str, home: Path) -> tuple[int, str]:
    try:
        home.mkdir(parents=True, exist_ok=True)
        gate = open_lock(home / "gate.lock")
    except OSError as error:
        raise ServiceError(f"Cannot keep {service} under {home}: {error.strerror}.") from error
    users = open_lock(home / "users.lock")
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        # Waits only for a keeper that is stopping the server after its last user.
        fcntl.flock(users, fcntl.LOCK_SH)
        return users, _address_of_running(home) or _start_keeper(service, home)
    except BaseException:
        os.close(users)
        raise
    finally:
        os.close(gate)


def _address_of_running(home: Path) -> str | None:
    if not _keeper_lives(home):
        return None
    try:
        return (home / "address").read_text().strip() or None
    except FileNotFoundError:
        return None


def _keeper_lives(home: Path) -> bool:
    descriptor = open_lock(home / "keeper.lock")
    try:
        return not try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _start_keeper(service: str, home: Path) -> str:
    with (home / "keeper.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sesame_site.services.keeper", service, str(home)],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdout is not None
    with process.stdout as pipe:
        line = pipe.readline()
    # The keeper outlives this process on purpose.
    process.returncode = 0
    answer = json.loads(line) if line else {"error": "its keeper ended without a word."}
    if "error" in answer:
        raise ServiceError(f"{service} did not start: {answer['error']} More is in {home}.")
    return str(answer["address"])


def _give_up(home: Path, owner: int) -> None:
    """End the lease; if it was the last, wait until the server is down."""
    if os.getpid() != owner or home not in _held:
        return
    descriptor, _ = _held.pop(home)
    # Closed, not unlocked: forked children that still run hold the same lock.
    os.close(descriptor)
    time.sleep(0.02)
    give_up_at = time.monotonic() + SECONDS_TO_STOP
    try:
        probe = open_lock(home / "users.lock")
    except OSError:
        return
    while not try_lock(probe, fcntl.LOCK_SH) and time.monotonic() < give_up_at:
        time.sleep(0.02)
    os.close(probe)
