"""The question to a job and its answer, as JSON files beside the Parquet files."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from scoring.engine.model import Influence, Rules

POPULATION, SCORES, ANSWER, LOG = "population", "scores", "answer.json", "spark.log"
# Up to this many citizens, φ is broadcast to every worker. With 8 bytes each that is 400 MB, which works well.
BROADCAST_UP_TO = 50_000_000
QUESTION = "question.json"


@dataclass(frozen=True, slots=True)
class Question:
    """Weights, moments in µs since 1970 UTC, the tolerance in points, and how large the population is."""

    rules: Rules
    influence: Influence
    as_of: int
    until: int
    tolerance: float
    citizens: int
    ties: int
    broadcast_up_to: int = BROADCAST_UP_TO

    def write(self, folder: Path) -> None:
        (folder / QUESTION).write_text(json.dumps(asdict(self), default=np.ndarray.tolist, indent=1))

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields = json.loads((folder / QUESTION).read_text())
        parts = {"rules": Rules(**_arrays(fields["rules"])), "influence": Influence(**_arrays(fields["influence"]))}
        return cls(**fields | parts)

    @property
    def broadcasts(self) -> bool:
        return self.citizens <= self.broadcast_up_to


def _arrays(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with their lists as arrays, of the dtype that they had before."""
    kinds = {name: np.int64 if name == "dimension" else np.float64 for name in fields}
    return {name: np.array(value, kinds[name]) if isinstance(value, list) else value for name, value in fields.items()}
