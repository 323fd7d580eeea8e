"""The population as arrays, and which rows of the database it was read from."""

import datetime as dt
from dataclasses import dataclass

from scoring.engine.arrays import Ints
from scoring.engine.model import Population


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen population. Row `i` of every array is the citizen `citizen_ids[i]`; kind `k` is `type_ids[k]`.

    It holds what the transactions visible in `pg_snapshot` wrote, a value of PostgreSQL's type of that name. It was
    read at `known_at` from the state of the tables that `tables` identifies. `since_kept` counts the citizens that
    changed since its files were written, and is None where there are no files.
    """

    citizen_ids: Ints
    type_ids: Ints
    population: Population
    pg_snapshot: str
    known_at: dt.datetime
    tables: str
    since_kept: int | None = None

    def __len__(self) -> int:
        return len(self.citizen_ids)

    @property
    def behaviours(self) -> int:
        return len(self.population.events.kind)

    @property
    def ties(self) -> int:
        return len(self.population.ties.other) // 2
