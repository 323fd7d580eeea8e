"""What a snapshot is."""

import datetime as dt
from dataclasses import dataclass

from scoring.engine.arrays import Ints
from scoring.engine.model import Population


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen population. Row `i` of every array is the citizen `citizen_ids[i]`; kind `k` is `type_ids[k]`.

    It holds what the transactions in `seen` wrote (a `pg_snapshot`), read at `known_at` from the state of the tables
    that `tables` names. `since_kept` counts the citizens that changed since its files were written; None: it has none.
    """

    citizen_ids: Ints
    type_ids: Ints
    population: Population
    seen: str
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
