"""Takes over who read whose score from the stream on which requests note it, each read exactly once."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from oauth2_provider.models import get_application_model

from citizens.enums import ReadKind
from citizens.models import Citizen, ReadPlace
from citizens.reads import STREAM, stream

READS_AT_ONCE = 10_000
ADD = """
    INSERT INTO citizens_scoreread (citizen_id, application_id, account_id, what, day, times, last_at)
    VALUES (%(citizen)s, %(application)s, %(account)s, %(what)s, %(day)s, %(times)s, %(last_at)s)
    ON CONFLICT (citizen_id, application_id, account_id, what, day) DO UPDATE SET
        times = citizens_scoreread.times + excluded.times,
        last_at = greatest(citizens_scoreread.last_at, excluded.last_at)
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who read what of whom on which day."""

    citizen: int
    application: int | None
    account: int | None
    what: str
    day: dt.date


def take_over_reads() -> int:
    """Takes over all that waits, and returns how many reads. Killed in between, it takes nothing twice."""
    taken = 0
    while count := _take_some():
        taken += count
    return taken


def _take_some() -> int:
    """Counts the next reads and moves the place behind them, in one transaction; then the stream may forget them."""
    with transaction.atomic():
        ReadPlace.objects.get_or_create(pk=1)
        place = ReadPlace.objects.select_for_update(of=("self",), no_key=True).get(pk=1)
        found: list[Any] = stream().xrange(STREAM, min=f"({place.stream_id}", count=READS_AT_ONCE)  # type: ignore[assignment]
        if not found:
            return 0
        _add(facts for _stream_id, facts in found)
        place.stream_id = found[-1][0]
        place.save(update_fields=["stream_id"])
    stream().xtrim(STREAM, minid=place.stream_id, approximate=False)
    return len(found)


def _add(reads: Iterable[dict[str, str]]) -> None:
    """Adds reads to the counts of their days; those of somebody who is not there any more are dropped."""
    counts: dict[Reader, tuple[int, dt.datetime]] = {}
    for facts in reads:
        at = dt.datetime.fromisoformat(facts["at"])
        application, account = (int(facts[name]) if name in facts else None for name in ("application", "account"))
        reader = Reader(int(facts["citizen"]), application, account, ReadKind(facts["what"]), at.date())
        times, last_at = counts.get(reader, (0, at))
        counts[reader] = times + 1, max(last_at, at)
    with connection.cursor() as cursor:
        for reader in _still_there(counts):
            times, last_at = counts[reader]
            values = {name: getattr(reader, name) for name in Reader.__slots__}
            cursor.execute(ADD, values | {"times": times, "last_at": last_at})


def _still_there(readers: Iterable[Reader]) -> list[Reader]:
    """Those whose citizen, application and account exist, in one order; they are kept from going meanwhile."""
    readers = list(readers)
    models = {"citizen": Citizen, "application": get_application_model(), "account": get_user_model()}
    known: dict[str, set[int | None]] = {}
    for name, model in models.items():
        rows = model._default_manager.filter(pk__in={getattr(reader, name) for reader in readers} - {None})
        locked = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
        known[name] = {None, *locked.values_list("pk", flat=True)}
    there = [reader for reader in readers if all(getattr(reader, name) in known[name] for name in models)]
    return sorted(there, key=lambda reader: (reader.citizen, reader.what, reader.application or 0, reader.account or 0))
