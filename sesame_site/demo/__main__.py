"""`python -m sesame_site.demo`: serve the town until Ctrl-C, stop one that runs, or forget it."""

import argparse
import errno
import fcntl
import ipaddress
import os
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import environ

from sesame_site import paths
from sesame_site.demo.serving import Address, say, serve, url_of
from sesame_site.demo.standing import claim, stop
from sesame_site.demo.town import DEFAULT_CITIZENS, FEWEST, MOST
from sesame_site.services.lease import open_lock, try_lock

STOP = "make demo-stop" if paths.IS_CHECKOUT else "sesame demo --stop"
DEFAULTS = {
    "DJANGO_SETTINGS_MODULE": "sesame_site.settings",
    "HTTPS": "false",
    "STATIC_BUILT": "false",
    "LOG_LEVEL": "WARNING",
    "COOLING_DAYS": "0",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare what is missing, then serve until Ctrl-C; or, with --stop or --reset, end or forget it."""
    options = _options(arguments)
    environ.Env.read_env(str(paths.HOME / ".env"))
    var = Path(os.environ.get("SESAME_VAR", paths.HOME / "var")).resolve()
    if options.stop:
        return stop_running(var)
    if options.reset:
        return reset(var)
    try:
        address = _address(options.host)
    except OSError as error:
        return _refuse(_cannot_serve(options, error))
    try:
        if elsewhere := claim(var, url_of(address, options.port)):
            return _refuse(f"The town is already running at {elsewhere}; stop it with Ctrl-C there, or with {STOP}.")
    except OSError as error:
        return _refuse(f"Nothing can be kept under {var}: {error.strerror}.")
    try:
        _listen(address, options.port)
    except OSError as error:
        return _refuse(_cannot_serve(options, error))
    # Whoever opens the demo to others knows best under which names they call it.
    allowed = {} if address.is_loopback else {"ALLOWED_HOSTS": "*"}
    for name, value in (DEFAULTS | allowed).items():
        os.environ.setdefault(name, value)
    os.environ |= {"HOST": str(address), "PORT": str(options.port)}
    try:
        return serve(address, options.port, citizens=options.citizens, var=var)
    except KeyboardInterrupt:
        return _refuse("Interrupted.", code=130)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo" if paths.IS_CHECKOUT else "sesame demo")
    parser.add_argument("--port", type=_port, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--citizens", type=_citizens, default=DEFAULT_CITIZENS)
    parser.add_argument("--stop", action="store_true", help="end the demo that runs, wherever it was started")
    parser.add_argument("--reset", action="store_true", help="forget the town")
    return parser.parse_args(arguments)


def stop_running(var: Path) -> int:
    """End the demo that runs, also where nobody can press Ctrl-C any more."""
    try:
        address = stop(var)
    except TimeoutError:
        return _refuse("The demo was told to end and has not; look at its output for what it waits for.", code=1)
    say(f"The demo at {address} has ended." if address else "No demo runs here.")
    return 0


def reset(var: Path) -> int:
    """Remove the embedded databases, if nobody uses them."""
    for users in var.glob("services/*/users.lock"):
        lock = open_lock(users)
        free = try_lock(lock, fcntl.LOCK_EX)
        os.close(lock)
        if not free:
            return _refuse(f"Something still uses the town; stop it first, with {STOP}.")
    shutil.rmtree(var / "services", ignore_errors=True)
    if os.environ.get("DATABASE_URL"):
        say("DATABASE_URL names a database of your own, which is left as it is.")
    say("The town is forgotten; make demo builds a new one.")
    return 0


def _address(host: str) -> Address:
    """The number behind a name of this machine."""
    return ipaddress.ip_address(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])


def _listen(address: Address, port: int) -> None:
    """Raises OSError if nothing can be served there."""
    with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((str(address), port))


def _cannot_serve(options: argparse.Namespace, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {options.port} is taken; choose another: make demo PORT={options.port + 1}"
    return f"Nothing can be served at HOST={options.host} PORT={options.port}: {error.strerror}"


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; say a number from 1 to 65535")
    return int(text)


def _citizens(text: str) -> int:
    if not text.isdecimal() or not FEWEST <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"a town has {FEWEST} to {MOST:,} citizens, not {text!r}")
    return int(text)


def _refuse(text: str, *, code: int = 2) -> int:
    say(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
