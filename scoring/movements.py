"""Writes movements: one row for each published number that changed, and one for all that a transaction wrote."""

import datetime as dt
from collections.abc import Iterable

import numpy as np
from django.db.backends.utils import CursorWrapper

from scoring.models import Run
from scoring.models.movements import CHANNEL
from scoring.rules.arrays import band_ids_of
from scoring.snapshot.whole import Columns, same_for
from sesame_site.kit.database.bulk import copy_in, timestamps
from sesame_site.kit.moments import microseconds

# The next id is nobody's yet. Another transaction may take some of those in between: a segment goes by `xid` too.
NEXT_ID = "SELECT last_value + is_called::int, citizens_transaction_number() FROM scoring_movement_id_seq"
SEGMENT = """
    INSERT INTO scoring_segment AS segment (xid, run_id, first_id, last_id, movements, written_at)
    VALUES (%s, %s, %s, %s, %s, clock_timestamp())
    ON CONFLICT (xid) DO UPDATE SET
        first_id = least(segment.first_id, excluded.first_id), last_id = greatest(segment.last_id, excluded.last_id),
        movements = segment.movements + excluded.movements
"""


def add_movements(
    cursor: CursorWrapper, run: Run, as_of: dt.datetime, *, before: Run | None, parts: Iterable[Columns]
) -> int:
    """Write the movements that this transaction makes, and wake whoever follows once it commits; returns how many.

    Each part has `citizen_id` and, where its citizens were scored in the run `before`, their number as `before`;
    where they are scored now, `published`, `own` and `network`.
    """
    filled = [part for part in parts if len(part["citizen_id"])]
    count = sum(len(part["citizen_id"]) for part in filled)
    if not count:
        return 0
    cursor.execute(NEXT_ID)
    first_id, xid = cursor.fetchone()
    for part in filled:
        repeated: Columns = {
            "run_id": same_for(part, run.pk),
            "rule_set_id": same_for(part, run.rule_set_id, np.int32),
            "as_of": timestamps(same_for(part, microseconds(as_of))),
            "xid": same_for(part, xid),
        }
        copy_in(cursor, "scoring_movement", part | _bands(run, before, part) | repeated)
    cursor.execute(NEXT_ID)
    cursor.execute(SEGMENT, [xid, run.pk, first_id, cursor.fetchone()[0] - 1, count])
    cursor.execute(f"NOTIFY {CHANNEL}")
    return count


def _bands(run: Run, before: Run | None, part: Columns) -> Columns:
    """The bands of the numbers, each by the rule set of its run."""
    bands: Columns = {}
    if "published" in part:
        bands["band_id"] = band_ids_of(run.rule_set, part["published"])
    if "before" in part and before is not None:
        bands["band_before_id"] = band_ids_of(before.rule_set, part["before"])
    return bands
