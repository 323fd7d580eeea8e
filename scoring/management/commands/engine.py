"""Runs the live worker."""

import threading

from django.utils.translation import gettext_lazy as _

from scoring.live import worker
from sesame_site.kit.cli import ServiceCommand


class Command(ServiceCommand):
    about = _("Keep scores up to date with what changes between runs, until interrupted. A second one stands by.")

    def serve(self, stop: threading.Event) -> None:
        worker.serve(stop)
