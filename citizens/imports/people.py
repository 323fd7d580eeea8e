"""Citizens and consents that an import needs or brings along."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from citizens.models import Citizen, Consent, Source

KEY_LENGTH = 64


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """PostgreSQL's COPY: many rows at once, in the current transaction."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def ids_of(keys: Collection[str]) -> dict[str, int]:
    """The ids of those keys that exist."""
    return dict(Citizen.objects.filter(key__in=list(keys)).values_list("key", "id"))


def create_missing(keys: Iterable[str], *, known: dict[str, int], source: Source, receipt: str) -> int:
    """Creates citizens for the unknown keys, each with a consent for `source` that names the import; adds them to
    `known` and returns how many."""
    now = timezone.now()
    missing = sorted({key for key in keys if key not in known and 0 < len(key) <= KEY_LENGTH})
    copy_rows("citizens_citizen", ("key", "name", "is_synthetic", "joined_at"), ((k, k, False, now) for k in missing))
    fresh = ids_of(missing)
    copy_rows(
        "citizens_consent",
        ("citizen_id", "source_id", "granted_at", "receipt"),
        ((pk, source.pk, now, receipt) for pk in fresh.values()),
    )
    known |= fresh
    return len(fresh)


def consented_ids(source: Source) -> set[int]:
    active = Consent.objects.active().filter(source=source, citizen__left_at=None)
    return set(active.values_list("citizen_id", flat=True))
