"""`python -m sesame_site web`: serve the pages and the API.

This process loads no Django, so that workers started at a reload load the code as it is then.
"""

import argparse
import os
import sys
from collections.abc import Sequence

import environ

from sesame_site import paths
from sesame_site.web.server import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end; exit code 1 if the address cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m sesame_site web", description="Serve the pages and the API.")
    parser.add_argument("--host", default="127.0.0.1", help="The address to listen at (default 127.0.0.1).")
    parser.add_argument("--port", type=int, default=8000, help="The port to listen at (default 8000).")
    parser.add_argument(
        "--workers",
        type=int,
        default=_workers(),  # a text, which argparse reads like one that was typed
        help="How many processes answer (default: the setting WEB_WORKERS, or 1).",
    )
    parser.add_argument("--application", default="sesame_site.web.loading:load", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        serve(options.application, options.host, options.port, workers=options.workers)
    except OSError as error:
        sys.stderr.write(f"Nothing can be served at {options.host}, port {options.port}: {error.strerror}\n")
        return 1
    return 0


def _workers() -> str:
    """The setting, without keeping others of .env for workers that are started when it has changed."""
    before = dict(os.environ)
    environ.Env.read_env(str(paths.HOME / ".env"))
    workers = os.environ.get("WEB_WORKERS", "1")
    os.environ.clear()
    os.environ.update(before)
    return workers


if __name__ == "__main__":
    sys.exit(main())
