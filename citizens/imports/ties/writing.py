"""Writes imported ties between known citizens, one for each pair and kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.utils import timezone
from django.utils.text import slugify
from numpy.typing import NDArray

from citizens.actions.audit import record
from citizens.actions.changes import announce
from citizens.enums import AuditAction, ChangeKind, SubjectKind, TieKind
from citizens.imports.checking import encoded
from citizens.imports.moments import NEVER
from citizens.imports.people import create_missing, found_or_created, ids_of
from citizens.imports.pipeline import Outcome, stem_of
from citizens.imports.quarantine import Quarantine
from citizens.imports.ties.understanding import KINDS
from citizens.models import Source, Tie
from sesame_site.kit.database.bulk import copy_texts

TABLE = """
    CREATE TEMP TABLE imported_tie
    (line int, first_id int8, second_id int8, kind text, strength float8, since int8) ON COMMIT DROP
"""
# A tie that ended is not begun again. The constraint looks only at ties that have not ended; it is for those that
# somebody else writes at the same moment.
INSERT = f"""
    INSERT INTO citizens_tie (first_id, second_id, kind, strength, proposed_at, started_at, since)
    SELECT first_id, second_id, kind, strength, %(now)s, %(now)s,
        timestamptz 'epoch' + nullif(since, {NEVER}) * interval '1 microsecond'
    FROM imported_tie i
    WHERE NOT EXISTS (
        SELECT FROM citizens_tie t
        WHERE least(t.first_id, t.second_id) = least(i.first_id, i.second_id)
        AND greatest(t.first_id, t.second_id) = greatest(i.first_id, i.second_id) AND t.kind = i.kind
    )
    ORDER BY line
    ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class TieOutcome(Outcome):
    """What became of the rows of a file of ties."""

    self_links: int = 0
    duplicates: int = 0


def write_ties(
    ties: pa.Table,
    outcome: TieOutcome,
    quarantine: Quarantine,
    *,
    path: Path,
    create_citizens: bool,
    source_key: str,
) -> None:
    """Insert the ties between known citizens that are not there yet, in the order of the file."""
    between_two = ties.filter(pc.not_equal(ties["first"], ties["second"]))
    outcome.self_links = len(ties) - len(between_two)
    source = _source_of(path, source_key) if create_citizens else None
    known = _of_known(between_two, outcome, quarantine, source, path.name)
    rows = _with_one_partner(_once_per_pair(known, outcome), quarantine)
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
        record(
            actor=None,
            action=AuditAction.TIES_IMPORTED,
            subject=SubjectKind.FILE,
            name=path.name,
            added=outcome.added,
            citizens=outcome.citizens_created,
        )


def _source_of(path: Path, key: str) -> Source:
    """The source of the consents of those whom the file brings."""
    key = key or slugify(f"import-{stem_of(path)}")[: Source._meta.get_field("key").max_length]
    return found_or_created(Source, key, option="--source", name=f"Import of {path.name}"[:120])


def _of_known(
    ties: pa.Table, outcome: TieOutcome, quarantine: Quarantine, source: Source | None, file_name: str
) -> dict[str, NDArray[Any]]:
    """The ties between known citizens, as columns, by their ids. With a source, unknown citizens are created."""
    keys, key_of = encoded(pa.chunked_array([*ties["first"].chunks, *ties["second"].chunks], pa.string()))
    known = ids_of(keys)
    if source is not None:
        outcome.citizens_created = create_missing(keys, known=known, source=source, file_name=file_name)
    ids = np.array([known.get(key, 0) for key in keys], np.int64)
    first_of, second_of = key_of[: len(ties)], key_of[len(ties) :]
    lines = ties["line"].to_numpy()
    good = (ids[first_of] != 0) & (ids[second_of] != 0)
    for row in np.flatnonzero(~good).tolist():
        unknown = keys[first_of[row] if ids[first_of[row]] == 0 else second_of[row]]
        quarantine.add(int(lines[row]), f"unknown citizen “{unknown}”; --create-citizens would create them")
    columns = {"line": lines, "first_id": ids[first_of], "second_id": ids[second_of]}
    columns |= {name: ties[name].to_numpy() for name in ("kind", "strength", "since")}
    return {name: column[good] for name, column in columns.items()}


def _once_per_pair(ties: dict[str, NDArray[Any]], outcome: TieOutcome) -> dict[str, list[Any]]:
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
        "since": ties["since"][kept].tolist(),
    }


def _with_one_partner(ties: dict[str, list[Any]], quarantine: Quarantine) -> dict[str, list[Any]]:
    """Without the ties that would give somebody a second partner; one that is there, or comes first, stays."""
    if TieKind.PARTNER not in ties["kind"]:
        return ties
    partner = dict(_live_partners())
    good = []
    for row, (first, second, kind) in enumerate(zip(ties["first_id"], ties["second_id"], ties["kind"], strict=True)):
        are_free = partner.get(first, second) == second and partner.get(second, first) == first
        if kind == TieKind.PARTNER and not are_free:
            quarantine.add(ties["line"][row], "one of the two has a partner already; everybody has one at a time")
            continue
        if kind == TieKind.PARTNER:
            partner |= {first: second, second: first}
        good.append(row)
    return {name: [column[row] for row in good] for name, column in ties.items()}


def _live_partners() -> Iterator[tuple[int, int]]:
    ties = Tie.objects.live().filter(kind=TieKind.PARTNER)
    for first, second in ties.values_list("first_id", "second_id").order_by():
        yield first, second
        yield second, first
