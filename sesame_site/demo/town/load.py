"""Writes a town into the database, by COPY and in one transaction."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction

from citizens.actions.audit import record
from citizens.enums import AuditAction, ChangeKind, ConsentOrigin, Context, SubjectKind
from citizens.models import BehaviourType, Change, Citizen, Consent, Source, Tie, User
from scoring.actions.installation import install_behaviour_types, install_rule_set
from sesame_site.demo import catalogue
from sesame_site.demo.town.conduct import DAYS, SOURCE_OF, Conduct
from sesame_site.demo.town.people import ADULT, STORIES, People

Progress = Callable[[str], None]

WITHHELD = 0.04
BEHAVIOURS_AT_ONCE = 200_000
SOURCES = {
    "bank": ("Riverside Bank", "Bills, loans and salaries.", [Context.FINANCE, Context.WORK]),
    "rentals": ("City Rentals", "Bikes and cars lent and returned.", [Context.TRAVEL]),
    "housing-office": ("Housing Office", "Rents and addresses.", [Context.HOUSING]),
    "marketplace": ("Marketplace", "What was bought.", [Context.SHOPPING]),
    "social-network": (
        "Social Network",
        "What was shared, and who was visited.",
        [Context.ONLINE, Context.SOCIAL, Context.FAMILY],
    ),
    "game-platform": ("Game Platform", "Hours played.", [Context.ONLINE]),
    "town-hall": (
        "Town Hall",
        "Fines, volunteering, confirmed documents.",
        [Context.CIVIC, Context.IDENTITY, Context.WORK],
    ),
}


def key_of(index: int) -> str:
    return f"t-{index + 1:06d}"


@transaction.atomic
def load(
    people: People, conduct: Conduct, *, now: dt.datetime, author: User, publisher: User, accounts: dict[int, User],
    rng: np.random.Generator, progress: Progress,
) -> None:  # fmt: skip
    """Everything but the runs: people, ties, sources, consents, behaviours, the published rule set, perks."""
    start = now - dt.timedelta(days=DAYS + 30)
    types = install_behaviour_types()
    install_rule_set(author=author, publisher=publisher, published_at=start)
    catalogue.create()
    ids = _people(people, accounts, start)
    _ties(people, ids, start)
    sources = _sources()
    agreed = _consents(people, ids, sources, start, rng)
    _behaviours(conduct, ids, types, sources, agreed, now, progress)
    Change.objects.create(kind=ChangeKind.IMPORT)
    record(actor=author, action=AuditAction.TOWN_BUILT, subject=SubjectKind.TOWN, citizens=len(people))


def _people(people: People, accounts: dict[int, User], start: dt.datetime) -> list[int]:
    rows = ((key_of(i), name, getattr(accounts.get(i), "pk", None), True, start) for i, name in enumerate(people.names))
    _copy(Citizen, ("key", "name", "user_id", "is_synthetic", "joined_at"), rows)
    return list(Citizen.objects.synthetic().order_by("key").values_list("id", flat=True))


def _ties(people: People, ids: Sequence[int], start: dt.datetime) -> None:
    ties = people.ties
    rows = (
        (ids[a], ids[b], kind, strength, start, start)
        for a, b, kind, strength in zip(
            ties.first.tolist(), ties.second.tolist(), ties.kind.tolist(), ties.strength.tolist(), strict=True
        )
    )
    _copy(Tie, ("first_id", "second_id", "kind", "strength", "proposed_at", "started_at"), rows)


def _sources() -> dict[str, Source]:
    for key, (name, description, contexts) in SOURCES.items():
        values = {"name": name, "description": description, "contexts": contexts, "is_synthetic": True}
        Source.objects.get_or_create(key=key, defaults=values)
    return {source.key: source for source in Source.objects.filter(key__in=SOURCES)}


def _consents(
    people: People, ids: Sequence[int], sources: dict[str, Source], start: dt.datetime, rng: np.random.Generator
) -> dict[str, Any]:
    """Adults agree to nearly every source, children to none; returns per source who did."""
    adults = people.age >= ADULT
    agreed = {key: adults & (rng.random(len(people)) >= WITHHELD) for key in SOURCES}
    for who in agreed.values():
        who[list(STORIES)] = True
    rows = (
        (ids[i], sources[key].pk, start, ConsentOrigin.TOWN, "", sources[key].contexts)
        for key, who in agreed.items()
        for i in np.flatnonzero(who).tolist()
    )
    _copy(Consent, ("citizen_id", "source_id", "granted_at", "origin", "receipt", "contexts"), rows)
    return agreed


def _behaviours(
    conduct: Conduct, ids: Sequence[int], types: dict[str, BehaviourType], sources: dict[str, Source],
    agreed: dict[str, Any], now: dt.datetime, progress: Progress,
) -> None:  # fmt: skip
    """What sources report of those who agreed; each report is recorded when it happened."""
    source_of = {kind: key for key, kinds in SOURCE_OF.items() for kind in kinds}
    type_ids = [types[key].pk for key in conduct.keys]
    source_keys = [source_of[key] for key in conduct.keys]
    source_ids = [sources[key].pk for key in source_keys]
    allowed = np.stack([agreed[key] for key in source_keys])[conduct.kind, conduct.citizen]
    columns = zip(
        conduct.citizen[allowed].tolist(), conduct.kind[allowed].tolist(), conduct.days_ago[allowed].tolist(),
        conduct.amount[allowed].tolist(), itertools.count(1),
    )  # fmt: skip
    # Numbers and texts only: COPY formats these several times faster than it does dates.
    epoch = now.timestamp()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE town_behaviour"
            " (citizen int8, type int8, source int8, number int8, at float8, amount float8) ON COMMIT DROP"
        )
        for block in _blocks(columns, BEHAVIOURS_AT_ONCE):
            _write_block(
                "".join(
                    f"{ids[i]}\t{type_ids[k]}\t{source_ids[k]}\t{number}\t{epoch - days * 86400:.3f}\t{amount}\n"
                    for i, k, days, amount, number in block
                )
            )
            progress(f"  {block[-1][-1]:,} of {int(allowed.sum()):,} behaviours")
        cursor.execute("ANALYZE citizens_behaviour")


def _write_block(lines: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE town_behaviour")
        with cursor.copy("COPY town_behaviour FROM STDIN") as copy:
            copy.write(lines)
        cursor.execute(
            "INSERT INTO citizens_behaviour"
            " (citizen_id, type_id, source_id, external_id, external_key, occurred_at, amount, recorded_at)"
            " SELECT citizen, type, source, 'town-' || number, 'town-' || number, to_timestamp(at), amount,"
            " to_timestamp(at)"
            " FROM town_behaviour"
        )


def _blocks(rows: Iterable[Any], size: int) -> Iterable[list[Any]]:
    iterator = iter(rows)
    while block := list(itertools.islice(iterator, size)):
        yield block


def _copy(model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
