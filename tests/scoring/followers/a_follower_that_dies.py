"""A follower that is killed at one point of its next batch.

`python -m tests.scoring.followers.a_follower_that_dies POINT`
"""

import sys
from dataclasses import replace

import django

django.setup()

from django.db import connection  # noqa: E402

from scoring.followers import following, stream  # noqa: E402
from scoring.followers.registry import followers  # noqa: E402
from scoring.models import FollowerPlace  # noqa: E402
from tests.dying import after, die  # noqa: E402


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
