"""A live worker that is stopped within its first update: `python -m tests.scoring.live.a_worker_that_freezes`.

It says when it waits for changes ("ready"), and when it has claimed some and stops ("frozen").
"""

import os
import signal
import threading

import django

django.setup()

from citizens.models import Change  # noqa: E402
from scoring.live import worker  # noqa: E402


def claim_and_freeze() -> list[Change]:
    claimed = claim()
    print("frozen" if claimed else "ready", flush=True)
    if claimed:
        os.kill(os.getpid(), signal.SIGSTOP)
    return claimed


claim, worker._claim = worker._claim, claim_and_freeze


if __name__ == "__main__":
    worker.serve(threading.Event())
