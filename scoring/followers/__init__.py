"""Followers of the stream of movements: whatever follows from a score reads them here, each at its own pace.

An app declares its followers in a module or package `followers`, which Django loads with the app:

    register(Follower("name", follow=what_follows, reset=forget_what_followed))
"""

from scoring.followers.counts import count_movements, forget_counts
from scoring.followers.registry import Follower, register

register(Follower("movement-counts", follow=count_movements, reset=forget_counts))
