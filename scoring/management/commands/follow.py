"""The process that takes followers along the stream of movements."""

import threading

from django.utils.translation import gettext_lazy as _

from scoring.followers import following
from sesame_site.kit.cli import ServiceCommand


class Command(ServiceCommand):
    about = _("Do what follows from scores that moved, until interrupted. A second process stands by.")

    def serve(self, stop: threading.Event) -> None:
        following.serve(stop)
