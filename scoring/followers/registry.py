"""Which followers there are."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from scoring.models import Movement


@dataclass(frozen=True, slots=True)
class Batch:
    """Movements that come next, all of them committed. Their order is that of `xid`, then `id`.

    They may be of several runs, and be none where their citizens were erased meanwhile.
    """

    movements: QuerySet[Movement]


@dataclass(frozen=True, slots=True)
class Follower:
    """What follows from movements, by a name that stays.

    `follow` writes what follows from a batch, in the transaction that moves the follower's place. It never sees a
    movement twice, and may run many times where its transaction fails. `reset` forgets what followed from the
    movements of all transactions after the given `xid` (0: from all), in the transaction that moves the place back.
    """

    name: str
    follow: Callable[[Batch], None]
    reset: Callable[[int], None]


followers: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """Make it one of the followers. Raises ValueError where another has its name."""
    if followers.setdefault(follower.name, follower) != follower:
        raise ValueError(f"There are two followers named {follower.name}.")
