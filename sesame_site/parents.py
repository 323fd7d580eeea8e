"""Processes that end with the one that started them."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Have Linux send this process a signal when its parent is killed; elsewhere, do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def end_with(parent: int) -> None:
    """End this process when the process `parent` is killed, also if that has happened already."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork inherits the handler of its parent
    end_with_parent()
    if sys.platform == "linux" and os.getppid() != parent:
        sys.exit(1)
