"""`make demo`: a scored town and the processes that serve it, for as long as this process runs."""

import argparse
import fcntl
import io
import os
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import environ
from honcho.environ import expand_processes, parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from sesame_site import services
from sesame_site.services import ServiceError
from sesame_site.services.lease import open_lock, try_lock

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_ANSWER = 60


def main() -> int:
    """Prepare what is missing, then serve until Ctrl-C; or, with --reset, forget the town."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--port", type=_port, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--citizens", type=_citizens, default=5000)
    parser.add_argument("--reset", action="store_true")
    options = parser.parse_args()
    environ.Env.read_env(str(ROOT / ".env"))
    var = Path(os.environ.get("SESAME_VAR", ROOT / "var")).resolve()
    if options.reset:
        return reset(var)
    if not _is_free(options.host, options.port):
        return _refuse(f"Port {options.port} is taken; choose another: make demo PORT={options.port + 1}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sesame_site.settings")
    os.environ.setdefault("HTTPS", "false")
    os.environ.setdefault("STATIC_BUILT", "false")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ |= {"HOST": options.host, "PORT": str(options.port)}
    _say("Starting")
    _start_servers(var)
    try:
        prepare(citizens=options.citizens)
        return serve(options.host, options.port)
    except ServiceError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("Interrupted.", code=130)


def _start_servers(var: Path) -> None:
    """Bring up the embedded servers while Django is still being loaded, which then meets their errors, if any."""

    def start(server: Callable[[Path], str]) -> None:
        with suppress(ServiceError):
            server(var)

    for url, server in (("DATABASE_URL", services.postgres_url), ("REDIS_URL", services.valkey_url)):
        if not os.environ.get(url):
            threading.Thread(target=start, args=(server,)).start()


def prepare(*, citizens: int) -> None:
    """Bring the database up to date and build the town, if there is none."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    from perks.town.build import finished_run

    # WhiteNoise warns of a folder that is not there; the demo serves static files from the source.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    # A build that was interrupted is written whole or not at all, or lacks only runs: build_town goes on with it.
    if finished_run() is None:
        call_command("build_town", citizens=citizens)
    connections.close_all()


def serve(host: str, port: int) -> int:
    """Run the Procfile until one of its processes ends or somebody interrupts; returns the exit code."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    # Root is fine for a demo in a container, which is what Celery would warn of.
    environment |= {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker"}
    manager = Manager(Printer(sys.stdout, prefix=True))
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    with tempfile.TemporaryDirectory(prefix="sesame-") as folder:
        answers = Path(folder) / "answers"
        # Pages come first: the others start once they answer, and make room for them.
        after_pages = f"while ! [ -e {shlex.quote(str(answers))} ]; do sleep 0.2; done; exec nice -n 5 "
        for process in expand_processes(processes, env=environment, port=port):
            before = "exec " if process.name.startswith("web") else after_pages
            manager.add_process(process.name, before + process.cmd, env=process.env, cwd=str(ROOT))
        signal.signal(signal.SIGHUP, lambda *_: manager.terminate())
        threading.Thread(target=_welcome, args=(host, port, answers), daemon=True).start()
        manager.loop()
    return 0 if manager.returncode in (None, 0, 130, 143) else 1


def _welcome(host: str, port: int, answers: Path) -> None:
    """Once the pages answer, print the address and who may sign in, and let the other processes start."""
    from django.core.management import call_command
    from django.db import connections

    signins = io.StringIO()
    call_command("signins", address=f"http://localhost:{port}", stdout=signins)
    connections.close_all()
    give_up_at = time.monotonic() + SECONDS_TO_ANSWER
    while not _answers(f"http://{host}:{port}/healthz"):
        if time.monotonic() > give_up_at:
            return _say("The pages do not answer; the lines above may say why.")
        time.sleep(0.1)
    answers.touch()
    return _say(f"{signins.getvalue()}  Ctrl-C stops it.\n")


def reset(var: Path) -> int:
    """Remove the embedded databases, if nobody uses them."""
    for users in var.glob("services/*/users.lock"):
        lock = open_lock(users)
        free = try_lock(lock, fcntl.LOCK_EX)
        os.close(lock)
        if not free:
            return _refuse("Something still uses the town; stop make demo first.")
    shutil.rmtree(var / "services", ignore_errors=True)
    if os.environ.get("DATABASE_URL"):
        _say("DATABASE_URL names a database of your own, which is left as it is.")
    _say("The town is forgotten; make demo builds a new one.")
    return 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; say a number from 1 to 65535")
    return int(text)


def _citizens(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of citizens")
    return int(text)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _refuse(text: str, *, code: int = 2) -> int:
    _say(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
