"""What the demo's web process serves: loaded while the town is being prepared, answering once it stands."""

import os
import time
from importlib import import_module
from pathlib import Path

from sesame_site.wsgi import application

__all__ = ["application"]

import_module("sesame_site.urls")  # the first page would wait for it

while not Path(os.environ["TOWN_STANDS"]).exists():
    time.sleep(0.02)
