"""Where the demo is served, while it is: a file with its address and process, locked until its last process ends."""

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sesame_site.services.lease import open_lock, try_lock

SECONDS_TO_STOP = 60


class Standing(NamedTuple):
    """The address of the demo that runs, and the number of the process that started it."""

    address: str
    process: int


def claim(var: Path, address: str) -> str | None:
    """Take the place of the one demo under `var`; returns the address of the one that already has it, else None.

    The lock belongs to this process and those it forks, and the kernel drops it with the last of them.
    """
    var.mkdir(parents=True, exist_ok=True)
    place = open_lock(var / "demo.lock")
    if not try_lock(place, fcntl.LOCK_EX):
        os.close(place)
        return where(var)
    os.truncate(place, 0)
    os.write(place, f"{address}\n{os.getpid()}".encode())
    return None


def where(var: Path) -> str | None:
    """The address of the demo that runs over `var`, if one does."""
    found = standing(var)
    return found.address if found else None


def standing(var: Path) -> Standing | None:
    """The demo that runs over `var`, if one does."""
    try:
        place = os.open(var / "demo.lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if try_lock(place, fcntl.LOCK_SH):
            return None
        address, _, process = os.read(place, 1000).decode().partition("\n")
        return Standing(address, int(process or 0))
    finally:
        os.close(place)


def stop(var: Path) -> str | None:
    """End the demo that runs over `var`, and wait until it has; returns its address, or None if there is none.

    Raises TimeoutError if it does not end. The process that started it is told to, as Ctrl-C would; the others end
    with it, also if it is gone already.
    """
    found = standing(var)
    if found is None:
        return None
    with suppress(ProcessLookupError):
        os.kill(found.process, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while standing(var):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)
    return found.address
