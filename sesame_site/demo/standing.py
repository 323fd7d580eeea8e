"""Where the demo is served, while it is: a file with its address, locked until its last process ends."""

import fcntl
import os
from pathlib import Path

from sesame_site.services.lease import open_lock, try_lock


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
    os.write(place, address.encode())
    return None


def where(var: Path) -> str | None:
    """The address of the demo that runs over `var`, if one does."""
    try:
        place = os.open(var / "demo.lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        free = try_lock(place, fcntl.LOCK_SH)
        return None if free else os.read(place, 1000).decode()
    finally:
        os.close(place)
