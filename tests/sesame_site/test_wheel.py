"""The wheel alone, in an empty folder: the demo comes up, its pages are whole, and nothing is left running."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker import wait_until

ROOT = Path(__file__).resolve().parents[2]
OF_TESTS = (
    "SESAME_",
    "DJANGO_",
    "DATABASE_",
    "REDIS_",
    "PYTEST_",
    "SECRET_",
    "EMAIL_",
    "STATIC_",
    "ALLOWED_",
    "PGOPTIONS",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel was unpacked, as installing does."""
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = built.glob("sesame_score-*.whl")
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    return site


@pytest.fixture
def environment(installed: Path) -> dict[str, str]:
    """What a person has who installed the wheel: its packages, and nothing of the tests' settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OF_TESTS)}
    return plain | {"PYTHONPATH": str(installed)}


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty one, not among pytest's own, which each session closes to PostgreSQL, who is another user for root."""
    with tempfile.TemporaryDirectory(prefix="sesame-wheel-") as name:
        yield Path(name)


@pytest.fixture
def demo(folder: Path, tmp_path: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of a demo that was started in an empty folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sesame_site", "demo", "--port", str(port), "--citizens", "60"]
    with (tmp_path / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def fetched(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return ""


def test_the_wheel_holds_pages_styles_and_no_tests(installed: Path) -> None:
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    wanted = {"sesame_site/templates/base.html", "sesame_site/static/sesame/app.css", "sesame_site/demo/Procfile"}
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]


def test_the_command_is_named(installed: Path) -> None:
    (entry_points,) = installed.glob("sesame_score-*.dist-info/entry_points.txt")
    assert "sesame = sesame_site.__main__:main" in entry_points.read_text()


def test_the_demo_runs_in_an_empty_folder(demo: str, folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    wait_until(lambda: "Ctrl-C stops it" in log.read_text(), seconds=240, what=f"the demo, see {log}")
    home = fetched(f"{demo}/")
    assert "<html" in home
    assert "synthetic" in home.lower()
    assert ".chart" in fetched(f"{demo}/static/sesame/app.css")
    assert (folder / "var").is_dir()
    assert not (ROOT / "sesame_site" / "var").exists()
