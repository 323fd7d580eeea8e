"""What the demo's web process serves: loaded while the town is being prepared, answering once it stands."""

import os
import time
from pathlib import Path
from typing import Any

from sesame_site.web import loading


def load() -> Any:
    """The application of every web worker, once the town stands."""
    application = loading.load()
    while not Path(os.environ["TOWN_STANDS"]).exists():
        time.sleep(0.02)
    return application
