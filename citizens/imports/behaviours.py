"""Imports behaviours of one source."""

import datetime as dt
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from citizens.actions.audit import record
from citizens.actions.behaviours import BELOW_ZERO, EARLIEST, TOMORROW
from citizens.actions.changes import announce
from citizens.enums import ChangeKind
from citizens.imports.blocks import Block, Columns
from citizens.imports.checking import WRONG_KEY, Reasons, encoded, lengths, numbers, prefixed, wrong_keys
from citizens.imports.people import (
    consented_ids,
    create_missing,
    ids_of,
    known_from_files_alone,
    receipt_of,
    record_consents,
)
from citizens.imports.quarantine import Quarantine
from citizens.imports.reading import read
from citizens.models import BehaviourType, Source
from citizens.models.behaviours import AMOUNT_LIMIT
from sesame_site.kit.database.bulk import copy_table

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
# What a datetime can hold.
FIRST = (dt.datetime(1, 1, 1, tzinfo=dt.UTC) - EPOCH) // MICROSECOND
LAST = (dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC) - EPOCH) // MICROSECOND
UTC_TIME = pa.timestamp("us", "UTC")
NEVER = np.iinfo(np.int64).min
EXTERNAL_ID_LENGTH = 128
OUT_OF_RANGE = f"is not between -{AMOUNT_LIMIT:,.0f} and {AMOUNT_LIMIT:,.0f}"
CONTENT = ("citizen_id", "type_id", "occurred_at", "amount")

TABLE = """
    CREATE TEMP TABLE imported_behaviour
    (line int, citizen_id int8, type_id int8, external_id text, occurred_at int8, amount float8) ON COMMIT DROP
"""
MOMENT = "timestamptz 'epoch' + i.occurred_at * interval '1 microsecond'"
STORED = f"""
    SELECT i.line, (b.citizen_id, b.type_id, b.occurred_at, b.amount) <> (i.citizen_id, i.type_id, {MOMENT}, i.amount)
    FROM imported_behaviour i
    JOIN citizens_behaviour b ON b.source_id = %(source)s AND b.external_id = i.external_id
"""
# A condition on the table that grows could be planned as a look through all of it for every row.
INSERT = f"""
    INSERT INTO citizens_behaviour (citizen_id, type_id, source_id, external_id, occurred_at, amount, recorded_at)
    SELECT i.citizen_id, i.type_id, %(source)s, i.external_id, {MOMENT}, i.amount, %(now)s
    FROM imported_behaviour i
"""


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a file."""

    read: int = 0
    added: int = 0
    already_there: int = 0
    citizens_created: int = 0
    consents_recorded: int = 0
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
        optional = tuple(name for name in self.FIELDS if name not in required)
        return Columns(required, optional, self.places, also={"behaviour": "type"})


def import_behaviours(job: BehaviourImport, *, progress: Callable[[str], None]) -> Outcome:
    """Reads the whole file, then writes in one transaction what is new.

    A row without an external id gets one from its content and how often that content came before it in the file, so
    importing a file again adds nothing. Raises Unreadable before anything is written.
    """
    outcome, quarantine = Outcome(), Quarantine(job.path.name.partition(".")[0] or "file")
    understand = Understanding(job, quarantine)
    raw: dict[int, Any] = {}
    tables = []
    for block in read(job.path, job.columns, progress=progress):
        raw |= block.raw
        tables.append(understand(block))
    outcome.read = len(raw)
    progress(f"{outcome.read:,} rows read; writing")
    with transaction.atomic():
        _write(job, pa.concat_tables(tables), outcome, quarantine)
    path = quarantine.write(raw)
    outcome.quarantined, outcome.quarantine = len(quarantine.reasons), str(path) if path else None
    return outcome


class Understanding:
    """Turns blocks of texts into columns of values, and sets aside the rows that mean nothing."""

    def __init__(self, job: BehaviourImport, quarantine: Quarantine) -> None:
        self.job, self.quarantine = job, quarantine
        self.types = BehaviourType.objects.in_bulk(field_name="key")
        self.latest = timezone.now() + TOMORROW
        self.seen: dict[str, int] = {}

    def __call__(self, block: Block) -> pa.Table:
        """The rows that can be understood; whether one can be used depends on the citizen and the consent.

        Columns: line, citizen (key), type_id, external_id, occurred_at (microseconds since 1970), amount.
        """
        kinds, kind_of = encoded(block.texts("behaviour"))
        default = self.job.behaviour.key if self.job.behaviour else ""
        kinds = [key or default for key in kinds]
        types = [self.types.get(key) for key in kinds]
        type_ids = np.array([known.pk if known else 0 for known in types], np.int64)[kind_of]
        beyond = [known and self.job.source.why_not(known) for known in types]
        is_beyond = np.array([why is not None for why in beyond], np.bool_)[kind_of]
        may_be_below_zero = np.array([known and known.amounts_below_zero for known in types], np.bool_)[kind_of]
        citizens, told, at = block.texts("citizen"), block.texts("amount"), block.texts("occurred_at")
        amounts, no_number = numbers(told)
        moments = microseconds(at)
        external_ids = block.texts("external_id")
        long = lengths(external_ids)

        reasons = Reasons(len(block.lines))
        reasons.refuse(type_ids == 0, lambda row: f"unknown behaviour type “{kinds[kind_of[row]]}”")
        reasons.refuse(is_beyond, lambda row: f"{beyond[kind_of[row]]}")
        reasons.refuse(wrong_keys(citizens, self.job.prefix), lambda _: WRONG_KEY)
        reasons.refuse(no_number, lambda row: f"amount “{told[row]}” is not a number")
        reasons.refuse(~(np.abs(amounts) <= AMOUNT_LIMIT), lambda row: f"amount {amounts[row]:,.15g} {OUT_OF_RANGE}")
        reasons.refuse((amounts < 0) & ~may_be_below_zero, lambda _: BELOW_ZERO)
        self._check_moments(reasons, moments, at)
        too_long = f"characters, {EXTERNAL_ID_LENGTH} are allowed"
        reasons.refuse(long > EXTERNAL_ID_LENGTH, lambda row: f"external_id has {long[row]} {too_long}")
        self.quarantine.add_all(block, reasons.of)

        keys = prefixed(citizens, self.job.prefix)
        nameless = (long == 0) & reasons.good
        if nameless.any():
            kinds_of_them = [kinds[kind] for kind in kind_of[nameless].tolist()]
            theirs = keys.filter(pa.array(nameless)), kinds_of_them, moments[nameless], amounts[nameless]
            external_ids = pc.replace_with_mask(external_ids, pa.array(nameless), self._identifiers(*theirs))
        columns = {
            "line": block.lines,
            "citizen": keys,
            "type_id": type_ids,
            "external_id": external_ids,
            "occurred_at": moments,
            "amount": amounts,
        }
        return pa.table(columns).filter(pa.array(reasons.good))

    def _check_moments(self, reasons: Reasons, moments: NDArray[np.int64], texts: pa.StringArray) -> None:
        reasons.refuse(moments == NEVER, lambda row: f"occurred_at “{texts[row]}” is neither ISO 8601 nor a unix time")
        earliest, latest = (EARLIEST - EPOCH) // MICROSECOND, (self.latest - EPOCH) // MICROSECOND
        reasons.refuse(
            (moments < earliest) | (moments > latest),
            lambda row: f"occurred_at {_when(moments[row]):%Y-%m-%d} is before 1900 or after tomorrow",
        )

    def _identifiers(
        self, keys: pa.StringArray, kinds: list[str], moments: NDArray[np.int64], amounts: NDArray[np.float64]
    ) -> pa.StringArray:
        """For each row an external id from its content, and how often that content came before it in the file."""
        whens = moments.astype("datetime64[us]").tolist()
        contents = (
            f"{key}|{kind}|{at.isoformat()}+00:00|{amount!r}"
            for key, kind, at, amount in zip(keys.to_pylist(), kinds, whens, amounts.tolist(), strict=True)
        )
        return pa.array(map(self._identifier, contents), pa.string())

    def _identifier(self, content: str) -> str:
        digest = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        times = self.seen[digest] = self.seen.get(digest, 0) + 1
        return f"{digest}-{times}"


def microseconds(texts: pa.StringArray) -> NDArray[np.int64]:
    """Each text as microseconds since 1970; NEVER where it is no time."""
    ticks = _moments(texts).cast(pa.int64()).fill_null(NEVER).to_numpy()
    return np.where((ticks >= FIRST) & (ticks <= LAST), ticks, NEVER)


def _moments(texts: pa.StringArray) -> "pa.Array[Any]":
    # Arrow reads what nearly all files hold, all with a zone or all without; else one looks at each.
    for kind in (UTC_TIME, pa.timestamp("us")):
        with suppress(pa.ArrowInvalid):
            return texts.cast(kind)
    return pa.array([moment(str(text)) for text in texts.to_pylist()], UTC_TIME)


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


def _when(ticks: np.int64) -> dt.datetime:
    return EPOCH + int(ticks) * MICROSECOND


def _write(job: BehaviourImport, rows: pa.Table, outcome: Outcome, quarantine: Quarantine) -> None:
    usable = _once(_of_consenting(job, rows, outcome, quarantine), outcome, quarantine)
    # The rows of a citizen side by side: one stretch of the index, and of the table for who reads them.
    usable = usable.take(np.argsort(usable["citizen_id"].to_numpy(), kind="stable"))
    names: dict[str, Any] = {"source": job.source.pk, "now": timezone.now()}
    with connection.cursor() as cursor:
        # So that the trigger, which looks at all rows at once, finds them in memory.
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(TABLE)
        copy_table(cursor, "imported_behaviour", usable)
        cursor.execute("ANALYZE imported_behaviour")
        cursor.execute(STORED, names)
        stored = cursor.fetchall()
        cursor.execute("DELETE FROM imported_behaviour WHERE line = ANY(%s)", [[line for line, _ in stored]])
        outcome.added = _insert(names)
        if outcome.added < len(usable) - len(stored):
            cursor.execute(STORED, names)
            stored += cursor.fetchall()
        conflicts = [line for line, differs in stored if differs]
        cursor.execute("DROP TABLE imported_behaviour")
    for row in usable.filter(pc.is_in(usable["line"], pa.array(conflicts, pa.int64()))).to_pylist():
        quarantine.add(row["line"], f"external_id “{row['external_id']}” is already used for another behaviour")
    outcome.already_there += len(usable) - outcome.added - len(conflicts)
    if outcome.added or outcome.citizens_created or outcome.consents_recorded:
        announce(kind=ChangeKind.IMPORT)
        record(
            actor=None, action="behaviour.import", subject=job.path.name, source=job.source.key, added=outcome.added,
            citizens=outcome.citizens_created, consents=outcome.consents_recorded,
        )  # fmt: skip


def _insert(names: dict[str, Any]) -> int:
    """Inserts the rows that are not there yet, and returns how many.

    Looking first takes a third less time than ON CONFLICT, which is for the rare case that another writer slips in
    the same external id meanwhile.
    """
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(INSERT, names)
        except IntegrityError:
            cursor.execute(f"{INSERT} ON CONFLICT DO NOTHING", names)
        return cursor.rowcount


def _of_consenting(job: BehaviourImport, rows: pa.Table, outcome: Outcome, quarantine: Quarantine) -> pa.Table:
    """The rows whose citizen is known and has consented, with the id of the citizen instead of the key."""
    keys, key_of = encoded(rows["citizen"])
    known = ids_of(keys)
    if job.create_citizens:
        receipt = receipt_of(job.path.name)
        outcome.citizens_created = create_missing(keys, known=known, source=job.source, receipt=receipt)
    consented = consented_ids(job.source)
    silent = known_from_files_alone(set(known.values()) - consented)
    if job.create_citizens and silent:
        outcome.consents_recorded = record_consents(silent, source=job.source, receipt=receipt, at=timezone.now())
        consented |= silent
    ids = np.array([known.get(key, 0) for key in keys], np.int64)
    usable = np.array([pk in consented for pk in ids.tolist()], np.bool_)[key_of]
    for row in np.flatnonzero(~usable).tolist():
        quarantine.add(rows["line"][row].as_py(), _refusal(keys[key_of[row]], known, silent))
    places = rows.column_names.index("citizen")
    return rows.set_column(places, "citizen_id", pa.array(ids[key_of])).filter(pa.array(usable))


def _refusal(key: str, known: dict[str, int], silent: set[int]) -> str:
    if key not in known:
        return f"unknown citizen “{key}”; --create-citizens would create them"
    if known[key] in silent:
        return (
            f"citizen “{key}” has not consented to this source; an import created them, for another source, so that "
            "--create-citizens would record their consent to this one"
        )
    return f"citizen “{key}” has not consented to this source; only they themselves can"


def _once(rows: pa.Table, outcome: Outcome, quarantine: Quarantine) -> pa.Table:
    """One row per external id, the first. The same again is already there; other content is set aside."""
    if pc.count_distinct(rows["external_id"]).as_py() == len(rows):
        return rows
    keys, key_of = encoded(rows["external_id"])
    first_of = np.unique(key_of, return_index=True)[1][key_of]
    again = np.flatnonzero(first_of != np.arange(len(rows)))
    content = [rows[name].to_numpy() for name in CONTENT]
    same = np.logical_and.reduce([column[again] == column[first_of[again]] for column in content])
    outcome.already_there += int(same.sum())
    lines = rows["line"].to_numpy()
    for row in again[~same].tolist():
        words = f"external_id “{keys[key_of[row]]}” stands in line {lines[first_of[row]]} with other content"
        quarantine.add(int(lines[row]), words)
    return rows.take(np.unique(first_of))
