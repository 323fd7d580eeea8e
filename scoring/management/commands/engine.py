"""Runs the live worker."""

import signal
import threading
from typing import Any

from scoring.live.worker import serve
from sesame_site.kit.cli import SesameCommand


class Command(SesameCommand):
    help = "Keep scores up to date with what changes between runs, until interrupted. A second one stands by."

    def run(self, **options: Any) -> dict[str, Any]:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        serve(stop)
        return {}
