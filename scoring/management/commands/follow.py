"""The process that takes followers along the stream of movements."""

import signal
import threading
from typing import Any

from django.utils.translation import gettext_lazy as _

from scoring.followers.following import serve
from sesame_site.kit.cli import SesameCommand


class Command(SesameCommand):
    help = _("Do what follows from scores that moved, until interrupted. A second process stands by.")  # type: ignore[assignment]

    def run(self, **options: Any) -> dict[str, Any]:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        serve(stop)
        return {}
