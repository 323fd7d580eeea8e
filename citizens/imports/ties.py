"""Imports ties: who knows whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import ChangeKind, TieKind
from citizens.imports.people import copy_rows, create_missing, ids_of
from citizens.imports.quarantine import Quarantine
from citizens.imports.reading import Columns, Row, Unreadable, read
from citizens.models import Source

INSERT = """
    INSERT INTO citizens_tie (first_id, second_id, kind, strength, proposed_at, started_at)
    SELECT first_id, second_id, kind, strength, %(now)s, %(now)s FROM imported_tie ORDER BY line
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class TieRow:
    """`second` is `kind` to `first`, by key."""

    row: Row
    first: str
    second: str
    kind: TieKind
    strength: float


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a file."""

    read: int = 0
    added: int = 0
    already_there: int = 0
    self_links: int = 0
    duplicates: int = 0
    citizens_created: int = 0
    quarantined: int = 0
    quarantine: str | None = None


@dataclass(frozen=True, slots=True)
class TieImport:
    """How to read a file of ties. `kinds` translates the file's words; `kind` holds where it has none."""

    path: Path
    kind: TieKind | None
    places: dict[str, str]
    kinds: dict[str, TieKind] = field(default_factory=dict)
    prefix: str = ""
    create_citizens: bool = False
    source_key: str = ""

    FIELDS = ("first", "second", "kind", "strength")


def import_ties(job: TieImport, *, progress: Callable[[str], None]) -> Outcome:
    """Reads the whole file, then writes what is new in one transaction. Raises Unreadable before it writes anything."""
    outcome, quarantine = Outcome(), Quarantine(_stem(job.path))
    if job.kind is None and job.places and "kind" not in job.places:
        raise Unreadable("Say what the ties are with --kind, or which column says it with --map kind=….")
    optional = ("kind", "strength")
    columns = Columns(("first", "second"), optional, job.places)
    ties: list[TieRow] = []
    for row in read(job.path, columns, progress=progress):
        outcome.read += 1
        tie = _understood(row, job)
        if isinstance(tie, str):
            quarantine.add(row, tie)
        elif tie.first == tie.second:
            outcome.self_links += 1
        else:
            ties.append(tie)
    progress(f"{outcome.read:,} rows read; writing")
    with transaction.atomic():
        _write(job, ties, outcome, quarantine)
    path = quarantine.write()
    outcome.quarantined, outcome.quarantine = len(quarantine.rows), str(path) if path else None
    return outcome


def _understood(row: Row, job: TieImport) -> TieRow | str:
    """The tie, or what is wrong with the row."""
    if row.problem:
        return row.problem
    word = row.values.get("kind", "")
    kind = job.kinds.get(word) or (TieKind(word) if word in TieKind.values else None if word else job.kind)
    if kind is None:
        return (
            f"“{word}” is no kind of tie; translate it with --kinds" if word else "says no kind, and there is no --kind"
        )
    first, second = job.prefix + row.values["first"], job.prefix + row.values["second"]
    if not 0 < len(first) <= 64 or not 0 < len(second) <= 64 or not row.values["first"] or not row.values["second"]:
        return "a citizen's key must have 1 to 64 characters"
    try:
        strength = float(row.values.get("strength") or 1.0)
    except ValueError:
        return f"strength “{row.values['strength']}” is not a number"
    if not 0 < strength <= 1:
        return f"strength {strength:g} is not more than 0 and at most 1"
    return TieRow(row, first, second, kind, strength)


def _write(job: TieImport, ties: list[TieRow], outcome: Outcome, quarantine: Quarantine) -> None:
    keys = {key for tie in ties for key in (tie.first, tie.second)}
    known = ids_of(keys)
    if job.create_citizens:
        receipt = f"Import of {job.path.name}"
        source_key = job.source_key or f"import-{_stem(job.path)}"[:64]
        source, _ = Source.objects.get_or_create(key=source_key, defaults={"name": receipt})
        outcome.citizens_created = create_missing(keys, known=known, source=source, receipt=receipt)
    rows: dict[tuple[int, int, str], tuple[int, int, int, str, float]] = {}
    for tie in ties:
        if unknown := next((key for key in (tie.first, tie.second) if key not in known), None):
            quarantine.add(tie.row, f"unknown citizen “{unknown}”; --create-citizens would create them")
            continue
        first, second, kind = _as_stored(known[tie.first], known[tie.second], tie.kind)
        pair = (min(first, second), max(first, second), kind)
        if pair in rows:
            outcome.duplicates += 1
        else:
            rows[pair] = (tie.row.line, first, second, kind, tie.strength)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE imported_tie (line int, first_id int8, second_id int8, kind text, strength float8)"
            " ON COMMIT DROP"
        )
        copy_rows("imported_tie", ("line", "first_id", "second_id", "kind", "strength"), rows.values())
        cursor.execute(INSERT, {"now": timezone.now()})
        outcome.added = cursor.rowcount
        cursor.execute("DROP TABLE imported_tie")
    outcome.already_there = len(rows) - outcome.added
    if outcome.added or outcome.citizens_created:
        announce(kind=ChangeKind.IMPORT)
        record(actor=None, action="tie.import", subject=job.path.name, added=outcome.added)


def _as_stored(first: int, second: int, kind: TieKind) -> tuple[int, int, str]:
    if kind == TieKind.CHILD:
        return second, first, TieKind.PARENT
    if kind == TieKind.PARENT or first < second:
        return first, second, kind
    return second, first, kind


def _stem(path: Path) -> str:
    return path.name.partition(".")[0] or "file"
