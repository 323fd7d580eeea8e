"""A real Celery worker, and a real engine, for as long as a test needs it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def a_worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a worker process of one task at a time; kills it, if it still lives, at the end."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "sesame_site", "worker", "--pool", "solo"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def an_engine(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Starts an engine process; ends it, if it still lives, as an operator would."""
    process = subprocess.Popen([sys.executable, "manage.py", "engine"], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_until(true: Callable[[], bool], *, seconds: float = 120, what: str = "it") -> None:
    """Looks ten times a second until it is so; fails in words if it never is."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain for {what}"
        time.sleep(0.1)
