"""The demo as a person runs it: it says what is true, notices what ended, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from sesame_site.demo.standing import where
from tests.worker import ROOT, wait_until

pytestmark = pytest.mark.slow
OF_TESTS = ("SESAME_", "DJANGO_", "DATABASE_", "REDIS_", "PYTEST_", "SECRET_", "EMAIL_", "STATIC_", "ALLOWED_", "PGOPT")


class Demo(NamedTuple):
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    var: Path

    def says(self, words: str) -> bool:
        return words in self.log.read_text()

    def wait_until_it_says(self, words: str) -> None:
        wait_until(lambda: self.says(words) or self.process.poll() is not None, seconds=240, what=words)
        assert self.says(words), self.log.read_text()

    def listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
            return True
        return False

    def process_of(self, name: str) -> int:
        found = re.search(rf"{name}\.1 started \(pid=(\d+)\)", self.log.read_text())
        assert found, self.log.read_text()
        return int(found[1])


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One town for all tests of this file, as it takes a while to build.

    Not among pytest's own folders, which each session closes to PostgreSQL, who is another user where root runs tests.
    """
    with tempfile.TemporaryDirectory(prefix="sesame-demo-") as folder:
        yield Path(folder) / "var"


@pytest.fixture
def demo(var: Path, tmp_path: Path) -> Iterator[Demo]:
    with a_demo(var, tmp_path / "log") as demo:
        yield demo


@contextmanager
def a_demo(var: Path, log: Path) -> Iterator[Demo]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sesame_site", "demo", "--port", str(port), "--citizens", "60"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(var), stdout=output, stderr=output)
    try:
        yield Demo(process, port, log, var)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def environment(var: Path) -> dict[str, str]:
    """What a person has at a terminal, and nothing of the tests' settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OF_TESTS)}
    return plain | {"SESAME_VAR": str(var), "PYTHONUNBUFFERED": "1"}


def wait_for_silence(demo: Demo) -> None:
    wait_until(lambda: where(demo.var) is None and not demo.listens(), seconds=60, what="everything to end")


def test_it_says_that_it_listens_when_it_does(demo):
    demo.wait_until_it_says("Listening at")
    assert demo.listens()
    demo.wait_until_it_says("Ctrl-C stops it")
    assert demo.log.read_text().index("behaviours") < demo.log.read_text().index("Listening at")


def test_it_notices_that_its_web_process_has_died(demo):
    demo.wait_until_it_says("Ctrl-C stops it")
    os.kill(demo.process_of("web"), signal.SIGKILL)
    assert demo.process.wait(60) == 1
    assert demo.says("The web process has ended, so the others were stopped")
    wait_for_silence(demo)


def test_nothing_is_left_of_it_when_it_is_killed(demo):
    demo.wait_until_it_says("Ctrl-C stops it")
    demo.process.kill()
    demo.process.wait(60)
    wait_for_silence(demo)


def test_it_is_stopped_where_nobody_can_press_a_key(demo):
    demo.wait_until_it_says("Ctrl-C stops it")
    command = [sys.executable, "-m", "sesame_site.demo", "--stop"]
    stopped = subprocess.run(command, cwd=ROOT, env=environment(demo.var), capture_output=True, text=True)
    assert (stopped.returncode, stopped.stderr) == (0, f"The demo at http://localhost:{demo.port} has ended.\n")
    assert demo.process.wait(60) == 0
    assert not demo.listens()
