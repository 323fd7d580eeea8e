"""A follower that is killed at one point of its next batch.

`python -m tests.scoring.followers.a_follower_that_dies POINT`
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from scoring.followers import following, stream  # noqa: E402
from scoring.followers.registry import followers  # noqa: E402
from scoring.models import FollowerPlace  # noqa: E402


def die(*args: Any, **options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    def dies(*args: Any, **options: Any) -> None:
        function(*args, **options)
        die()

    return dies


def main(point: str) -> None:
    follower = followers["movement-counts"]
    match point:
        case "before anything":
            FollowerPlace.objects.get(name=follower.name)
            die()
        case "after reading":
            stream.next_stretch = after(stream.next_stretch)
        case "after following":
            follower = replace(follower, follow=after(follower.follow))
        case "after the place":
            FollowerPlace.save = after(FollowerPlace.save)  # type: ignore[method-assign]
        case "before the commit":
            connection._commit = die  # type: ignore[method-assign]
        case "after the commit":
            connection._commit = after(connection._commit)  # type: ignore[method-assign]
    following.take_batch(follower)


if __name__ == "__main__":
    main(sys.argv[1])
