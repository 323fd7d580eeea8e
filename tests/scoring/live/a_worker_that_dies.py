"""A live worker that is killed at one point of its next update: `python -m tests.scoring.live.a_worker_that_dies`.

It loads the run in force, says so, waits for a line on standard input, and then applies what is pending.
"""

import sys

import django

django.setup()

from django.db import connection  # noqa: E402

from scoring.live import worker  # noqa: E402
from tests.dying import after, die  # noqa: E402


def main(point: str) -> None:
    live, _ = worker.catch_up(None)
    print("ready", flush=True)
    sys.stdin.readline()
    match point:
        case "before the commit":
            connection._commit = die
        case "after the commit":
            connection._commit = after(connection._commit)
        case _:
            setattr(worker, point, after(getattr(worker, point)))
    worker.catch_up(live)


if __name__ == "__main__":
    main(sys.argv[1])
