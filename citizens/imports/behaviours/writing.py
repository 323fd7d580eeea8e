"""Writes imported behaviours: those of citizens who consented, each external id once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import AuditAction, ChangeKind, SubjectKind
from citizens.imports.checking import encoded
from citizens.imports.people import (
    consented_ids,
    covered_by,
    create_missing,
    ids_of,
    known_from_files_alone,
    record_consents,
)
from citizens.imports.pipeline import Outcome
from citizens.imports.quarantine import Quarantine
from citizens.models import BehaviourType, Source
from sesame_site.kit.database.bulk import copy_table

CONTENT = ("citizen_id", "type_id", "occurred_at", "amount")

TABLE = """
    CREATE TEMP TABLE imported_behaviour
    (
        line int, citizen_id int8, type_id int8, external_id text, external_key text, occurred_at int8, amount float8
    ) ON COMMIT DROP
"""
MOMENT = "timestamptz 'epoch' + i.occurred_at * interval '1 microsecond'"
STORED = f"""
    SELECT i.line, (b.citizen_id, b.type_id, b.occurred_at, b.amount) <> (i.citizen_id, i.type_id, {MOMENT}, i.amount)
    FROM imported_behaviour i
    JOIN citizens_behaviour b ON b.source_id = %(source)s AND b.external_key = i.external_key
"""
# A condition on the table that grows could be planned as a look through all of it for every row.
INSERT = f"""
    INSERT INTO citizens_behaviour
        (citizen_id, type_id, source_id, external_id, external_key, occurred_at, amount, recorded_at)
    SELECT i.citizen_id, i.type_id, %(source)s, i.external_id, i.external_key, {MOMENT}, i.amount, %(now)s
    FROM imported_behaviour i
"""


@dataclass(slots=True)
class BehaviourOutcome(Outcome):
    """What became of the rows of a file of behaviours."""

    consents_recorded: int = 0


def write_behaviours(
    rows: pa.Table,
    outcome: BehaviourOutcome,
    quarantine: Quarantine,
    *,
    source: Source,
    file_name: str,
    create_citizens: bool,
) -> None:
    """Insert the rows of known citizens who consented to the source, each external id once."""
    consenting = _of_consenting(rows, outcome, quarantine, source, file_name if create_citizens else None)
    usable = _once(consenting, outcome, quarantine)
    # The rows of a citizen side by side: one stretch of the index, and of the table for who reads them.
    usable = usable.take(np.argsort(usable["citizen_id"].to_numpy(), kind="stable"))
    names: dict[str, Any] = {"source": source.pk, "now": timezone.now()}
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
            actor=None,
            action=AuditAction.BEHAVIOURS_IMPORTED,
            subject=SubjectKind.FILE,
            name=file_name,
            source=source.key,
            added=outcome.added,
            citizens=outcome.citizens_created,
            consents=outcome.consents_recorded,
        )


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


def _of_consenting(
    rows: pa.Table, outcome: BehaviourOutcome, quarantine: Quarantine, source: Source, file_name: str | None
) -> pa.Table:
    """The rows whose citizen is known and has consented, with the id of the citizen instead of the key.

    With the name of a file, unknown citizens are created, and consents of those whom only imports know are recorded.
    """
    keys, key_of = encoded(rows["citizen"])
    known = ids_of(keys)
    if file_name is not None:
        outcome.citizens_created = create_missing(keys, known=known, source=source, file_name=file_name)
    consented = consented_ids(source)
    silent = known_from_files_alone(set(known.values()) - consented)
    if file_name is not None and silent:
        outcome.consents_recorded = record_consents(silent, source=source, file_name=file_name, at=timezone.now())
        consented |= silent
    ids = np.array([known.get(key, 0) for key in keys], np.int64)
    usable = np.array([pk in consented for pk in ids.tolist()], np.bool_)[key_of]
    for row in np.flatnonzero(~usable).tolist():
        quarantine.add(rows["line"][row].as_py(), _refusal(keys[key_of[row]], known, silent))
    for row, why in _beyond(rows, ids[key_of], usable, source):
        quarantine.add(rows["line"][row].as_py(), why)
        usable[row] = False
    places = rows.column_names.index("citizen")
    return rows.set_column(places, "citizen_id", pa.array(ids[key_of])).filter(pa.array(usable))


def _beyond(
    rows: pa.Table, citizens: NDArray[np.int64], usable: NDArray[np.bool_], source: Source
) -> list[tuple[int, str]]:
    """The rows that say more of somebody than they consented to, and why not: (row, reason)."""
    covered = covered_by(source)
    if not covered:
        return []
    types = BehaviourType.objects.in_bulk()
    concerned = np.flatnonzero(usable & np.isin(citizens, list(covered)))
    kinds = rows["type_id"].to_numpy()
    reasons = ((row, covered[int(citizens[row])].why_not(types[int(kinds[row])])) for row in concerned.tolist())
    return [(row, why) for row, why in reasons if why]


def _refusal(key: str, known: dict[str, int], silent: set[int]) -> str:
    if key not in known:
        return f"unknown citizen “{key}”; --create-citizens would create them"
    if known[key] in silent:
        return (
            f"citizen “{key}” has not consented to this source; an import created them, for another source, so that "
            "--create-citizens would record their consent to this one"
        )
    return f"citizen “{key}” has not consented to this source; only they themselves can"


def _once(rows: pa.Table, outcome: BehaviourOutcome, quarantine: Quarantine) -> pa.Table:
    """One row per external id, the first. The same again is already there; other content is set aside.

    External ids are compared in their normal form.
    """
    if pc.count_distinct(rows["external_key"]).as_py() == len(rows):
        return rows
    _, key_of = encoded(rows["external_key"])
    first_of = np.unique(key_of, return_index=True)[1][key_of]
    again = np.flatnonzero(first_of != np.arange(len(rows)))
    content = [rows[name].to_numpy() for name in CONTENT]
    same = np.logical_and.reduce([column[again] == column[first_of[again]] for column in content])
    outcome.already_there += int(same.sum())
    lines = rows["line"].to_numpy()
    for row in again[~same].tolist():
        words = (
            f"external_id “{rows['external_id'][row].as_py()}” stands in line {lines[first_of[row]]} with other content"
        )
        quarantine.add(int(lines[row]), words)
    return rows.take(np.unique(first_of))
