"""Leases of an embedded server: shared file locks, which the kernel releases even when a process is killed."""

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
_one_at_a_time = {service: threading.Lock() for service in ("postgres", "valkey")}


class ServiceError(Exception):
    """An embedded server could not be started."""


def open_lock(path: Path) -> int:
    """Opens a lock file and returns a new descriptor, which is closed on exec."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, operation: int) -> bool:
    """Takes the lock if it is free, without waiting, and tells whether it was."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lease(service: str, var: Path) -> str:
    """Takes a lease of `service` under `var`, starts the server if necessary and returns its address.

    A process has one lease of each server. A forked child shares that of its parent, so the workers of a pool need
    none of their own. Raises ServiceError if the server cannot be started.
    """
    home = var.resolve() / "services" / service
    with _one_at_a_time[service]:
        if home not in _held:
            _held[home] = _take(service, home)
            atexit.register(_release, home, os.getpid())
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
        # This waits only if a keeper is just stopping the server, because the last lease has ended.
        fcntl.flock(users, fcntl.LOCK_SH)
        return users, _address_of_running(home) or _start_keeper(service, home)
    except BaseException:
        os.close(users)
        raise
    finally:
        os.close(gate)


def _address_of_running(home: Path) -> str | None:
    if not _keeper_runs(home):
        return None
    try:
        return (home / "address").read_text().strip() or None
    except FileNotFoundError:
        return None


def _keeper_runs(home: Path) -> bool:
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
        reply = pipe.readline()
    # The keeper outlives this process on purpose, so nobody waits for it; Popen would warn without a return code.
    process.returncode = 0
    answer = json.loads(reply) if reply else {"error": "its keeper ended without giving a reason."}
    if "error" in answer:
        raise ServiceError(f"{service} did not start: {answer['error']} More is in {home}.")
    return str(answer["address"])


def _release(home: Path, owner: int) -> None:
    """Ends the lease. If it was the last, waits until the server has stopped."""
    if os.getpid() != owner or home not in _held:
        return
    descriptor, _ = _held.pop(home)
    # The descriptor is closed and not unlocked, because forked children that still run share the lock.
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
