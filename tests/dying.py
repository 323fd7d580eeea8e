"""How a process of a test is killed in the middle of its work."""

import os
import signal
from collections.abc import Callable
from typing import Any


def die(*args: Any, **options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with death at its end."""

    def dies(*args: Any, **options: Any) -> None:
        function(*args, **options)
        die()

    return dies
