"""The processes of the Procfile, in the order in which somebody who waits for the pages wants them."""

import ipaddress
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from honcho.environ import expand_processes, parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Popen, Process

from sesame_site import paths, services
from sesame_site.parents import end_with_parent

SECONDS_TO_ANSWER = 60
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
REFUSED, BROKEN = 2, 1
# What honcho returns after SIGTERM and SIGINT.
ASKED_TO_END = (143, 130)
AGAIN = "Start again as before: nothing that was saved is lost."


class Signs(NamedTuple):
    """Files that appear when something has happened.

    The town stands, the pages answer, or neither ever will; and which process was the first to end.
    """

    town: Path
    pages: Path
    failure: Path
    ended: Path


class Companion(Process):  # type: ignore[misc]
    """A process of the Procfile, which ends when the demo's own process is killed, and notes that it has ended."""

    ended: Path

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        end_with_parent(signal.SIGKILL)
        self._child_ctor = partial(Popen, preexec_fn=end_with_parent)
        super().run(events, ignore_signals)
        with suppress(OSError), self.ended.open("x") as first:
            first.write(self.name)


def serve(address: Address, port: int, *, citizens: int, var: Path) -> int:
    """Run everything until one of the processes ends or somebody interrupts; returns the exit code."""
    say("Starting")
    try:
        _start_servers(var)
    except services.ServiceError as error:
        say(str(error))
        return REFUSED
    with tempfile.TemporaryDirectory(prefix="sesame-") as folder:
        signs = Signs(*(Path(folder) / name for name in Signs._fields))
        manager = _processes(port, signs)
        url = url_of(address, port)
        town = _prepare(citizens, url, signs)
        signal.signal(signal.SIGHUP, lambda *_: _end(manager))
        threading.Thread(target=_welcome, args=(url, town, signs, _warning(address)), daemon=True).start()
        manager.loop()
        if town.poll() is None:
            town.terminate()
        if town.wait() > 0:
            return town.returncode
        if manager.returncode in ASKED_TO_END:
            return 0
        say(_in_words(town.returncode, signs))
        return BROKEN


def _end(manager: Manager) -> None:
    manager.returncode = ASKED_TO_END[0]
    manager.terminate()


def _in_words(town: int, signs: Signs) -> str:
    """Why everything has ended, when nobody asked for it."""
    if town:
        return f"The building of the town was ended from outside. {AGAIN}"
    name = signs.ended.read_text().split(".")[0] if signs.ended.exists() else "a"
    return f"The {name} process has ended, so the others were stopped; the lines above may say why. {AGAIN}"


def _start_servers(var: Path) -> None:
    """Bring up the embedded servers, side by side, unless others are named; raises ServiceError."""
    wanted = (("DATABASE_URL", services.postgres_url), ("REDIS_URL", services.valkey_url))
    with ThreadPoolExecutor() as threads:
        starts = [threads.submit(start, var) for name, start in wanted if not os.environ.get(name)]
    for started in starts:
        started.result()


def _processes(port: int, signs: Signs) -> Manager:
    """The web process loads at once and waits for the town; the others wait for the pages, and make room for them."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment |= {"WEB_APPLICATION": "sesame_site.demo.asgi:load", "TOWN_STANDS": str(signs.town)}
    # Root is fine for a demo in a container, which is what Celery would warn of.
    environment |= {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker"}
    manager = Manager(Printer(sys.stdout, prefix=True))
    manager._process_ctor = type("Companion", (Companion,), {"ended": signs.ended})
    pages, failure = shlex.quote(str(signs.pages)), shlex.quote(str(signs.failure))
    after_pages = f"until [ -e {pages} ]; do if [ -e {failure} ]; then exit; fi; sleep 0.2; done; exec nice -n 5 "
    processes = parse_procfile(paths.PROCFILE.read_text()).processes
    for process in expand_processes(processes, env=environment, port=port):
        before = "exec " if process.name.startswith("web") else after_pages
        manager.add_process(process.name, before + process.cmd, env=process.env, cwd=str(paths.HOME))
    return manager


def _prepare(citizens: int, url: str, signs: Signs) -> subprocess.Popen[bytes]:
    words = ["--citizens", str(citizens), "--address", url, "--signins", str(signs.town)]
    return subprocess.Popen(
        [sys.executable, "-m", "sesame_site", "demo_town", *words], cwd=paths.HOME, preexec_fn=end_with_parent
    )


def _welcome(url: str, town: subprocess.Popen[bytes], signs: Signs, warning: str) -> None:
    """Once the town stands and the pages answer, say who may sign in, and let the other processes start."""
    if town.wait():
        return _give(signs.failure)
    give_up_at = time.monotonic() + SECONDS_TO_ANSWER
    while not _answers(f"{url}/healthz"):
        if time.monotonic() > give_up_at:
            return say("The pages do not answer; the lines above may say why.")
        time.sleep(0.05)
    _give(signs.pages)
    return say(f"{signs.town.read_text()}{warning}  Ctrl-C stops it.\n")


def _give(sign: Path) -> None:
    with suppress(FileNotFoundError):  # everything has ended meanwhile, and with it the folder
        sign.touch()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except urllib.error.HTTPError as refusal:
        return refusal.code < 500
    except OSError:
        return False


def url_of(address: Address, port: int) -> str:
    """Where a browser on this machine finds the pages."""
    return f"http://{_name(address)}:{port}"


def _name(address: Address) -> str:
    """How a browser on this machine calls it."""
    if address.is_loopback or address.is_unspecified:
        return "localhost"
    return f"[{address}]" if address.version == 6 else str(address)


def _warning(address: Address) -> str:
    if address.is_loopback:
        return ""
    return (
        f"  WARNING: with HOST={address}, everybody who reaches this machine over the network can sign in with this\n"
        "  password, which the documentation tells all the world: as any citizen, and as an administrator too.\n\n"
    )


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, file=sys.stderr, flush=True)
