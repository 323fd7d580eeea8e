"""What a web worker does before it listens: load Django, every address, and the application."""

import os
from importlib import import_module
from typing import Any

from django.core.wsgi import get_wsgi_application

from sesame_site.parents import end_with


def load() -> Any:
    """The ASGI application, with everything loaded that the first page would wait for."""
    end_with(int(os.environ["SESAME_WEB_SERVER"]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sesame_site.settings")
    os.environ.setdefault("SESAME_PROCESS", "web")
    get_wsgi_application()
    import_module("sesame_site.urls")
    from sesame_site.web.application import application  # needs settings

    return application
