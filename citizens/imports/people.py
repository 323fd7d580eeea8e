"""Citizens, consents, sources and types that an import needs or brings along."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import Consented
from citizens.enums import ConsentOrigin
from citizens.imports.blocks import Unreadable
from citizens.models import BehaviourType, Citizen, Consent, Source
from sesame_site.kit.database.bulk import copy_texts

Kept = TypeVar("Kept", Source, BehaviourType)


def found_or_created(kind: type[Kept], key: str, *, option: str, **rest: str) -> Kept:
    """What has this key, or a new one. Raises Unreadable, which names the option, if no new one can have it."""
    there = kind.objects.filter(key=key).first()
    if there is not None:
        return there
    try:
        kind._meta.get_field("key").clean(key, None)
    except ValidationError as error:
        what, why = kind._meta.verbose_name, " ".join(error.messages)
        raise Unreadable(
            _("%(option)s: “%(key)s” cannot be the key of a new %(what)s: %(why)s")
            % {"option": option, "key": key, "what": what, "why": why}
        ) from error
    return kind.objects.get_or_create(key=key, defaults=rest)[0]


def ids_of(keys: Collection[str]) -> dict[str, int]:
    """The ids of those keys that exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, id FROM citizens_citizen WHERE key = ANY(%s)", [list(keys)])
        return dict(cursor.fetchall())


def create_missing(keys: Iterable[str], *, known: dict[str, int], source: Source, file_name: str) -> int:
    """Creates citizens for the unknown keys, each with a consent for `source` that names the file; adds them to
    `known` and returns how many."""
    missing = sorted(key for key in keys if key not in known)
    count, now = len(missing), timezone.now()
    columns: dict[str, list[Any]] = {
        "key": missing,
        "name": missing,
        "is_synthetic": [False] * count,
        "joined_at": [now] * count,
    }
    with connection.cursor() as cursor:
        copy_texts(cursor, "citizens_citizen", columns)
    fresh = ids_of(missing)
    record_consents(fresh.values(), source=source, file_name=file_name, at=now)
    known |= fresh
    return len(fresh)


def record_consents(ids: Collection[int], *, source: Source, file_name: str, at: dt.datetime) -> int:
    """Records that these citizens consent to `source`, by the import of this file; returns how many."""
    count = len(ids)
    columns: dict[str, list[Any]] = {
        "citizen_id": list(ids),
        "source_id": [source.pk] * count,
        "granted_at": [at] * count,
        "origin": [ConsentOrigin.IMPORT.value] * count,
        "receipt": [file_name[:200]] * count,
        "contexts": [array_text(source.contexts)] * count,
        "purpose": [source.purpose] * count,
    }
    with connection.cursor() as cursor:
        copy_texts(cursor, "citizens_consent", columns)
    return count


def array_text(texts: Iterable[str]) -> str:
    """An array of plain words as PostgreSQL writes one."""
    return f"{{{','.join(texts)}}}"


def covered_by(source: Source) -> dict[int, Consented]:
    """What is covered by the consents that the source has outgrown, by citizen."""
    rows = Consent.objects.active().outgrown_by(source).values_list("citizen_id", "contexts")
    return {pk: Consented(pk, contexts) for pk, contexts in rows}


def consented_ids(source: Source) -> set[int]:
    active = Consent.objects.active().filter(source=source, citizen__left_at=None)
    return set(active.values_list("citizen_id", flat=True))


def known_from_files_alone(ids: Collection[int]) -> set[int]:
    """Those among `ids` for whom only imports have spoken: created by one, without an account, and every consent of
    theirs, none of it withdrawn, recorded by one. For everybody else a consent is their own to give."""
    theirs = Consent.objects.filter(citizen=OuterRef("pk"))
    by_import = Q(origin=ConsentOrigin.IMPORT)
    people = Citizen.objects.members().filter(pk__in=ids, user=None, is_synthetic=False)
    people = people.filter(Exists(theirs.filter(by_import, granted_at=OuterRef("joined_at"))))
    people = people.exclude(Exists(theirs.filter(~by_import | Q(withdrawn_at__isnull=False))))
    return set(people.values_list("pk", flat=True))
