"""The order of the stream: which movements come next, and how many are left. Nothing else compares transactions.

Transactions get their numbers when they first write, and commit in any order. So only those below the oldest that is
still under way are read: none can come to light among them any more. Those of a cluster in which the database lived
before it was restored here come first (`citizens.models.transactions`).
"""

import datetime as dt
from typing import NamedTuple

from django.db import models
from django.db.models import Min, Q, Sum

from citizens.models.transactions import finished_before
from scoring.models import FollowerPlace, Movement, Segment

LARGEST_BATCH = 100_000
MOST_SEGMENTS = 1_000


class Stretch(NamedTuple):
    """A piece of the stream, from after a place until another."""

    movements: models.QuerySet[Movement]
    xid: int
    movement_id: int


class Lag(NamedTuple):
    """What a follower has yet to follow: movements, and when the oldest of them was written."""

    movements: int
    since: dt.datetime | None


def unfollowed(place: FollowerPlace) -> models.QuerySet[Segment]:
    """Segments of which the follower has not followed everything, oldest first, finished or not."""
    return Segment.objects.filter(Q(xid__gt=place.xid) | Q(xid=place.xid, last_id__gt=place.movement_id)).order_by(
        "xid"
    )


def next_stretch(place: FollowerPlace) -> Stretch | None:
    """The movements that come next: several small segments, or a part of a large one. None: there are none yet."""
    segments = list(unfollowed(place).filter(xid__lt=finished_before())[:MOST_SEGMENTS])
    if not segments:
        return None
    first = segments[0]
    begin = max(first.first_id, place.movement_id + 1 if first.xid == place.xid else 0)
    if first.last_id - begin >= LARGEST_BATCH:
        return _stretch([first], begin, begin + LARGEST_BATCH - 1)
    whole, rows = [first], first.last_id - begin + 1
    for segment in segments[1:]:
        rows += segment.movements
        if rows > LARGEST_BATCH or segment.first_id < begin:
            break
        whole.append(segment)
    return _stretch(whole, begin, max(segment.last_id for segment in whole))


def _stretch(segments: list[Segment], begin: int, end: int) -> Stretch:
    movements = Movement.objects.filter(xid__gte=segments[0].xid, xid__lte=segments[-1].xid, id__gte=begin, id__lte=end)
    return Stretch(movements.order_by("xid", "id"), segments[-1].xid, end)


def lag(place: FollowerPlace) -> Lag:
    """How far it is behind. Movements of erased citizens count."""
    left = unfollowed(place)
    sums = left.aggregate(movements=Sum("movements"), since=Min("written_at"))
    half_done = left.filter(xid=place.xid).first()
    done = max(0, place.movement_id + 1 - half_done.first_id) if half_done else 0
    return Lag(max(0, (sums["movements"] or 0) - done), sums["since"])


def place_at(moment: dt.datetime | None) -> int:
    """The last transaction that wrote movements before the moment; 0: none, or no moment."""
    if moment is None:
        return 0
    later = Segment.objects.filter(written_at__gte=moment).order_by("xid").first()
    before = Segment.objects.order_by("-xid")
    if later is not None:
        before = before.filter(xid__lt=later.xid)
    return before.values_list("xid", flat=True).first() or 0


def end_of(xid: int) -> int:
    """The id after which nothing is left of this transaction; 0 where it wrote none."""
    return Segment.objects.filter(xid=xid).values_list("last_id", flat=True).first() or 0
