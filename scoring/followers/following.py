"""Takes followers along the stream: each batch with its place in one transaction, so exactly once."""

import datetime as dt
import logging
import threading

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from scoring.followers import stream
from scoring.followers.registry import Batch, Follower, followers
from scoring.models import FollowerPlace
from scoring.models.movements import CHANNEL
from sesame_site.kit.database.dsn import libpq_uri
from sesame_site.kit.database.standing_by import work_alone

logger = logging.getLogger(__name__)

LOCK = "followers"
SECONDS_AFTER_A_FAILURE = 5.0
SECONDS_BETWEEN_LOOKS = 0.5


@transaction.atomic
def take_batch(follower: Follower) -> bool:
    """Follow the next movements; returns whether there were any.

    Killed before the commit, nothing happened; afterwards, everything did. While another process takes a batch for
    this follower, or rewinds it, nothing is done.
    """
    FollowerPlace.objects.bulk_create([FollowerPlace(name=follower.name)], ignore_conflicts=True)
    places = FollowerPlace.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    place = places.filter(name=follower.name).first()
    stretch = stream.next_stretch(place) if place else None
    if place is None or stretch is None:
        return False
    follower.follow(Batch(stretch.movements))
    place.xid, place.movement_id = stretch.xid, stretch.movement_id
    place.followed_at, place.error = timezone.now(), ""
    place.save()
    return True


def catch_up(follower: Follower) -> None:
    """Follow until nothing is left that is surely committed."""
    while take_batch(follower):
        pass


@transaction.atomic
def rewind(follower: Follower, to: dt.datetime | None = None) -> None:
    """Forget what followed since this moment (None: ever), and begin again from there."""
    FollowerPlace.objects.bulk_create([FollowerPlace(name=follower.name)], ignore_conflicts=True)
    place = FollowerPlace.objects.select_for_update(of=("self",), no_key=True).get(name=follower.name)
    xid = min(stream.place_at(to), place.xid)
    if xid == place.xid:
        return
    follower.reset(xid)
    place.xid, place.movement_id, place.error = xid, stream.end_of(xid), ""
    place.save()


def serve(stop: threading.Event) -> None:
    """Follow until `stop` is set. While another process follows in this database, stand by."""
    work_alone(LOCK, lambda: _serve(stop), stop=stop)


def _serve(stop: threading.Event) -> None:
    paused: dict[str, dt.datetime] = {}
    with psycopg.connect(libpq_uri(), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            came_further = [_attempt(follower, paused) for follower in followers.values()]
            if not any(came_further):
                # A movement may be held back by an older transaction, whose end notifies nobody.
                for _ in listener.notifies(timeout=SECONDS_BETWEEN_LOOKS, stop_after=1):
                    pass


def _attempt(follower: Follower, paused: dict[str, dt.datetime]) -> bool:
    """One batch; a follower that fails rests for a while and keeps nobody else from following."""
    if paused.get(follower.name, timezone.now()) > timezone.now():
        return False
    try:
        return take_batch(follower)
    except Exception as error:
        if not connection.is_usable():
            raise
        logger.exception("follower_failed", extra={"follower": follower.name})
        # A first batch that failed has left no row.
        why = {"error": f"{type(error).__name__}: {error}"[:2000]}
        FollowerPlace.objects.update_or_create(name=follower.name, defaults=why)
        paused[follower.name] = timezone.now() + dt.timedelta(seconds=SECONDS_AFTER_A_FAILURE)
        return False
