"""Imports behaviours of one source."""

import datetime as dt
import hashlib
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from citizens.actions.audit import record
from citizens.actions.behaviours import EARLIEST, TOMORROW
from citizens.actions.changes import announce
from citizens.enums import ChangeKind
from citizens.imports.people import consented_ids, copy_rows, create_missing, ids_of
from citizens.imports.quarantine import Quarantine
from citizens.imports.reading import Columns, Row, read
from citizens.models import BehaviourType, Source
from citizens.models.behaviours import AMOUNT_LIMIT

COLUMNS = ("line", "citizen_id", "type_id", "external_id", "occurred_at", "amount")
TABLE = """
    CREATE TEMP TABLE imported_behaviour
    (line int, citizen_id int8, type_id int8, external_id text, occurred_at timestamptz, amount float8) ON COMMIT DROP
"""
CONFLICTS = """
    SELECT i.line FROM imported_behaviour i
    JOIN citizens_behaviour b ON b.source_id = %(source)s AND b.external_id = i.external_id
    WHERE (b.citizen_id, b.type_id, b.occurred_at, b.amount) <> (i.citizen_id, i.type_id, i.occurred_at, i.amount)
"""
INSERT = """
    INSERT INTO citizens_behaviour (citizen_id, type_id, source_id, external_id, occurred_at, amount, recorded_at)
    SELECT citizen_id, type_id, %(source)s, external_id, occurred_at, amount, %(now)s
    FROM imported_behaviour ORDER BY citizen_id
    ON CONFLICT DO NOTHING
"""


class BehaviourRow(NamedTuple):
    """A row that can be understood; whether it can be used depends on the citizen and the consent."""

    row: Row
    citizen: str
    type_id: int
    external_id: str
    occurred_at: dt.datetime
    amount: float


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a file."""

    read: int = 0
    added: int = 0
    already_there: int = 0
    citizens_created: int = 0
    quarantined: int = 0
    quarantine: str | None = None


@dataclass(frozen=True, slots=True)
class BehaviourImport:
    """How to read a file of behaviours. `behaviour` is the type of every row, where the file names none."""

    path: Path
    source: Source
    places: dict[str, str]
    behaviour: BehaviourType | None = None
    prefix: str = ""
    create_citizens: bool = False

    FIELDS = ("citizen", "behaviour", "occurred_at", "amount", "external_id")

    @property
    def columns(self) -> Columns:
        required = ("citizen", "occurred_at") if self.behaviour else ("citizen", "behaviour", "occurred_at")
        return Columns(required, tuple(name for name in self.FIELDS if name not in required), self.places)


def import_behaviours(job: BehaviourImport, *, progress: Callable[[str], None]) -> Outcome:
    """Reads the whole file, then writes in one transaction what is new.

    A row without an external id gets one from its content and how often that content came before it in the file, so
    importing a file again adds nothing. Raises Unreadable before anything is written.
    """
    outcome, quarantine = Outcome(), Quarantine(job.path.name.partition(".")[0] or "file")
    types = dict(BehaviourType.objects.values_list("key", "id"))
    latest = timezone.now() + TOMORROW
    seen: Counter[str] = Counter()
    rows: list[BehaviourRow] = []
    for row in read(job.path, job.columns, progress=progress):
        outcome.read += 1
        understood = _understood(row, job, types, latest, seen)
        if isinstance(understood, str):
            quarantine.add(row, understood)
        else:
            rows.append(understood)
    progress(f"{outcome.read:,} rows read; writing")
    with transaction.atomic():
        _write(job, rows, outcome, quarantine)
    path = quarantine.write()
    outcome.quarantined, outcome.quarantine = len(quarantine.rows), str(path) if path else None
    return outcome


def _understood(
    row: Row, job: BehaviourImport, types: dict[str, int], latest: dt.datetime, seen: Counter[str]
) -> BehaviourRow | str:
    """The behaviour, or what is wrong with the row."""
    if row.problem:
        return row.problem
    values = row.values
    type_key = values.get("behaviour") or (job.behaviour.key if job.behaviour else "")
    if type_key not in types:
        return f"unknown behaviour type “{type_key}”"
    if not values["citizen"] or len(job.prefix + values["citizen"]) > 64:
        return "a citizen's key must have 1 to 64 characters"
    try:
        amount = float(values.get("amount") or 1.0)
    except ValueError:
        return f"amount “{values['amount']}” is not a number"
    if not math.isfinite(amount) or abs(amount) > AMOUNT_LIMIT:
        return f"amount {amount:g} is not between -{AMOUNT_LIMIT:g} and {AMOUNT_LIMIT:g}"
    occurred_at = moment(values["occurred_at"])
    if occurred_at is None:
        return f"occurred_at “{values['occurred_at']}” is neither ISO 8601 nor a unix time"
    if not EARLIEST <= occurred_at <= latest:
        return f"occurred_at {occurred_at:%Y-%m-%d} is before 1900 or after tomorrow"
    external_id = values.get("external_id") or ""
    if len(external_id) > 128:
        return f"external_id has {len(external_id)} characters, 128 are allowed"
    if not external_id:
        content = f"{job.prefix}{values['citizen']}|{type_key}|{occurred_at.isoformat()}|{amount!r}"
        external_id = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        seen[external_id] += 1
        external_id = f"{external_id}-{seen[external_id]}"
    return BehaviourRow(row, job.prefix + values["citizen"], types[type_key], external_id, occurred_at, amount)


def moment(text: str) -> dt.datetime | None:
    """ISO 8601 (UTC where it names no zone) or unix seconds, fractions allowed; None if it is neither."""
    try:
        parsed = dt.datetime.fromisoformat(text)
        # 20260101 would be a date too, but digits alone are seconds.
        if not text.isdecimal():
            return parsed.replace(tzinfo=dt.UTC) if parsed.tzinfo is None else parsed.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return dt.datetime.fromtimestamp(float(text), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _write(job: BehaviourImport, rows: list[BehaviourRow], outcome: Outcome, quarantine: Quarantine) -> None:
    keys = {row.citizen for row in rows}
    known = ids_of(keys)
    if job.create_citizens:
        receipt = f"Import of {job.path.name}"
        outcome.citizens_created = create_missing(keys, known=known, source=job.source, receipt=receipt)
    usable = _usable(rows, known, consented_ids(job.source), outcome, quarantine)
    names: dict[str, Any] = {"source": job.source.pk, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        copy_rows(
            "imported_behaviour",
            COLUMNS,
            (
                # COPY formats texts several times faster than it does dates.
                (r.row.line, known[r.citizen], r.type_id, r.external_id, r.occurred_at.isoformat(), r.amount)
                for r in usable.values()
            ),
        )
        cursor.execute("ANALYZE imported_behaviour")
        cursor.execute(CONFLICTS, names)
        conflicts = {line for (line,) in cursor.fetchall()}
        for row in usable.values():
            if row.row.line in conflicts:
                quarantine.add(row.row, f"external_id “{row.external_id}” is already used for another behaviour")
        cursor.execute(INSERT, names)
        outcome.added = cursor.rowcount
        cursor.execute("DROP TABLE imported_behaviour")
    outcome.already_there += len(usable) - outcome.added - len(conflicts)
    if outcome.added or outcome.citizens_created:
        announce(kind=ChangeKind.IMPORT)
        record(actor=None, action="behaviour.import", subject=job.path.name, source=job.source.key, added=outcome.added)


def _usable(
    rows: list[BehaviourRow], known: dict[str, int], consented: set[int], outcome: Outcome, quarantine: Quarantine
) -> dict[str, BehaviourRow]:
    """By external id, the rows whose citizen is known and has consented."""
    usable: dict[str, BehaviourRow] = {}
    for row in rows:
        if row.citizen not in known:
            quarantine.add(row.row, f"unknown citizen “{row.citizen}”; --create-citizens would create them")
        elif known[row.citizen] not in consented:
            quarantine.add(row.row, f"citizen “{row.citizen}” has not consented to this source")
        elif (earlier := usable.get(row.external_id)) is None:
            usable[row.external_id] = row
        elif _content(earlier) == _content(row):
            outcome.already_there += 1
        else:
            quarantine.add(
                row.row, f"external_id “{row.external_id}” stands in line {earlier.row.line} with other content"
            )
    return usable


def _content(row: BehaviourRow) -> tuple[str, int, dt.datetime, float]:
    return row.citizen, row.type_id, row.occurred_at, row.amount
