"""Imports ties: who knows whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from numpy.typing import NDArray

from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import ChangeKind, TieKind
from citizens.imports.blocks import Block, Columns, Unreadable
from citizens.imports.checking import WRONG_KEY, Reasons, encoded, numbers, prefixed, wrong_keys
from citizens.imports.people import create_missing, found_or_created, ids_of, receipt_of
from citizens.imports.quarantine import Quarantine
from citizens.imports.reading import read
from citizens.models import Source
from sesame_site.kit.database.bulk import copy_texts

KINDS = tuple(TieKind.values)
NO_KIND = -1

TABLE = """
    CREATE TEMP TABLE imported_tie (line int, first_id int8, second_id int8, kind text, strength float8) ON COMMIT DROP
"""
# A tie that ended stays so: the constraint knows only those that have not, and is for who slips in meanwhile.
INSERT = """
    INSERT INTO citizens_tie (first_id, second_id, kind, strength, proposed_at, started_at)
    SELECT first_id, second_id, kind, strength, %(now)s, %(now)s FROM imported_tie i
    WHERE NOT EXISTS (
        SELECT FROM citizens_tie t
        WHERE least(t.first_id, t.second_id) = least(i.first_id, i.second_id)
        AND greatest(t.first_id, t.second_id) = greatest(i.first_id, i.second_id) AND t.kind = i.kind
    )
    ORDER BY line
    ON CONFLICT DO NOTHING
"""


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
    columns = Columns(("first", "second"), ("kind", "strength"), job.places, may_lack_header=True)
    raw: dict[int, Any] = {}
    tables: list[pa.Table] = []
    for block in read(job.path, columns, progress=progress):
        raw |= block.raw
        if job.kind is None and not tables:
            _refuse_without_kinds(block, job.path)
        tables.append(_understood(block, job, quarantine))
    outcome.read = len(raw)
    progress(f"{outcome.read:,} rows read; writing")
    with transaction.atomic():
        _write(job, pa.concat_tables(tables), outcome, quarantine)
    path = quarantine.write(raw)
    outcome.quarantined, outcome.quarantine = len(quarantine.reasons), str(path) if path else None
    return outcome


def _refuse_without_kinds(block: Block, path: Path) -> None:
    """Raises Unreadable if no row says what it is: every one would be set aside for want of --kind."""
    words, _ = encoded(block.texts("kind"))
    if words == [""]:
        raise Unreadable(
            f"{path}: none of its first {len(block.lines):,} rows says what the tie is. Add --kind with one of "
            f"{', '.join(KINDS)}; or, where a column says it, name that with --map kind=…. Nothing was imported."
        )


def _understood(block: Block, job: TieImport, quarantine: Quarantine) -> pa.Table:
    """The rows that can be understood: line, first and second (keys), kind (its place in KINDS), strength.

    `second` is `kind` to `first`.
    """
    first, second, told = block.texts("first"), block.texts("second"), block.texts("strength")
    words, word_of = encoded(block.texts("kind"))
    kinds = np.array([_kind(word, job) for word in words], np.int64)[word_of]
    strengths, no_number = numbers(told)

    reasons = Reasons(len(block.lines))
    reasons.refuse(
        kinds == NO_KIND,
        lambda row: (
            f"“{word}” is no kind of tie; translate it with --kinds"
            if (word := words[word_of[row]])
            else "says no kind, and there is no --kind"
        ),
    )
    reasons.refuse(wrong_keys(first, job.prefix) | wrong_keys(second, job.prefix), lambda _: WRONG_KEY)
    reasons.refuse(no_number, lambda row: f"strength “{told[row]}” is not a number")
    reasons.refuse(
        ~((strengths > 0) & (strengths <= 1)),
        lambda row: f"strength {strengths[row]:g} is not more than 0 and at most 1",
    )
    quarantine.add_all(block, reasons.of)
    columns = {
        "line": block.lines,
        "first": prefixed(first, job.prefix),
        "second": prefixed(second, job.prefix),
        "kind": kinds,
        "strength": strengths,
    }
    return pa.table(columns).filter(pa.array(reasons.good))


def _kind(word: str, job: TieImport) -> int:
    """The place in KINDS of what a word of the file means."""
    kind = job.kinds.get(word) or (word if word in KINDS else None if word else job.kind)
    return KINDS.index(kind) if kind else NO_KIND


def _write(job: TieImport, ties: pa.Table, outcome: Outcome, quarantine: Quarantine) -> None:
    between_two = ties.filter(pc.not_equal(ties["first"], ties["second"]))
    outcome.self_links = len(ties) - len(between_two)
    rows = _once_per_pair(_of_known(job, between_two, outcome, quarantine), outcome)
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        copy_texts(cursor, "imported_tie", rows)
        cursor.execute("ANALYZE imported_tie")
        cursor.execute(INSERT, {"now": timezone.now()})
        outcome.added = cursor.rowcount
        cursor.execute("DROP TABLE imported_tie")
    outcome.already_there = len(rows["line"]) - outcome.added
    if outcome.added or outcome.citizens_created:
        announce(kind=ChangeKind.IMPORT)
        record(actor=None, action="tie.import", subject=job.path.name, added=outcome.added)


def _of_known(job: TieImport, ties: pa.Table, outcome: Outcome, quarantine: Quarantine) -> dict[str, NDArray[Any]]:
    """The ties between known citizens, as columns, by their ids."""
    keys, key_of = encoded(pa.chunked_array([*ties["first"].chunks, *ties["second"].chunks], pa.string()))
    known = ids_of(keys)
    if job.create_citizens:
        receipt = receipt_of(job.path.name)
        key = job.source_key or slugify(f"import-{_stem(job.path)}")[: Source._meta.get_field("key").max_length]
        source = found_or_created(Source, key, option="--source", name=receipt[:120])
        outcome.citizens_created = create_missing(keys, known=known, source=source, receipt=receipt)
    ids = np.array([known.get(key, 0) for key in keys], np.int64)
    first_of, second_of = key_of[: len(ties)], key_of[len(ties) :]
    lines = ties["line"].to_numpy()
    good = (ids[first_of] != 0) & (ids[second_of] != 0)
    for row in np.flatnonzero(~good).tolist():
        unknown = keys[first_of[row] if ids[first_of[row]] == 0 else second_of[row]]
        quarantine.add(int(lines[row]), f"unknown citizen “{unknown}”; --create-citizens would create them")
    columns = {"line": lines, "first_id": ids[first_of], "second_id": ids[second_of]}
    columns |= {name: ties[name].to_numpy() for name in ("kind", "strength")}
    return {name: column[good] for name, column in columns.items()}


def _once_per_pair(ties: dict[str, NDArray[Any]], outcome: Outcome) -> dict[str, list[Any]]:
    """As they are stored (see `Tie`), one of a kind per pair, the first; in the order of the file."""
    child, parent = KINDS.index(TieKind.CHILD), KINDS.index(TieKind.PARENT)
    first, second, kinds = ties["first_id"], ties["second_id"], ties["kind"]
    turned = (kinds == child) | ((kinds != parent) & (first > second))
    first, second = np.where(turned, second, first), np.where(turned, first, second)
    kinds = np.where(kinds == child, parent, kinds)
    pairs = np.stack([np.minimum(first, second), np.maximum(first, second), kinds])
    kept = np.sort(np.unique(pairs, axis=1, return_index=True)[1])
    outcome.duplicates = len(kinds) - len(kept)
    return {
        "line": ties["line"][kept].tolist(),
        "first_id": first[kept].tolist(),
        "second_id": second[kept].tolist(),
        "kind": [KINDS[kind] for kind in kinds[kept].tolist()],
        "strength": ties["strength"][kept].tolist(),
    }


def _stem(path: Path) -> str:
    return path.name.partition(".")[0] or "file"
