"""The parts of an explanation, as codes and numbers. `wording` puts them into sentences."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any

from citizens.models import Citizen
from scoring.models import Band, Dimension, Run, Score

# Names, numbers, and None for what a rule does not have.
Facts = Mapping[str, Any]


class LineKind(StrEnum):
    """What a line of an explanation stands for."""

    BASE = "base"
    RULE = "rule"
    RULE_LIMIT = "rule_limit"
    DIMENSION_LIMIT = "dimension_limit"
    OWN_SCORE_LIMIT = "own_score_limit"
    NETWORK = "network"
    DRAG = "drag"
    LIFT = "lift"
    NETWORK_LIMIT = "network_limit"
    SCORE_LIMIT = "score_limit"
    ROUNDING = "rounding"


class UnscoredReason(StrEnum):
    """Why a citizen has no score in a run."""

    NO_RUN = "no_run"
    LEFT = "left"
    NO_CONSENT = "no_consent"
    CONSENT_WAITS = "consent_waits"
    NOT_KEPT = "not_kept"
    TOO_LITTLE_KNOWN = "too_little_known"


@dataclass(frozen=True, slots=True)
class Line:
    """One summand of a score, in points.

    `subject` is the key of the behaviour type or dimension that the line is about, empty for others. `facts` are the
    names and numbers that the line rests on.
    """

    kind: LineKind
    points: float
    subject: str = ""
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DimensionLines:
    """What one dimension gives or takes, in points, and the lines that add up to it."""

    dimension: Dimension
    lines: tuple[Line, ...]

    @property
    def points(self) -> float:
        return sum(line.points for line in self.lines)


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """The network effect, in points: exact, or in whole points as its citizen may see it.

    Drag and lift are None where they would reveal too much, and so is the number of scored ties. `by_role` has the
    kind of tie and the points before the limit.
    """

    total: float
    ties: int | None
    drag: float | None
    lift: float | None
    is_at_limit: bool
    by_role: tuple[tuple[str, float], ...] = ()

    @property
    def is_split(self) -> bool:
        return self.drag is not None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score taken apart. `score` is None, and `unscored` says why, for the unscored.

    With `others_count_at_once`, the influence of others is as it is now; else as it was at the run. `came_until` is
    when a live update last brought something in that its citizen may know of; None: none has.
    """

    citizen: Citizen
    run: Run | None
    unscored: UnscoredReason | None = None
    unscored_facts: Mapping[str, int] = field(default_factory=dict)
    score: Score | None = None
    base: tuple[Line, ...] = ()
    dimensions: tuple[DimensionLines, ...] = ()
    own_limit: tuple[Line, ...] = ()
    network: NetworkPart | None = None
    network_lines: tuple[Line, ...] = ()
    limit: tuple[Line, ...] = ()
    rounding: tuple[Line, ...] = ()
    band: Band | None = None
    next_band: Band | None = None
    others_count_at_once: bool = False
    came_until: dt.datetime | None = None

    @property
    def lines(self) -> list[Line]:
        """Summands of the score, in the order in which it is computed."""
        by_dimension = (dimension.lines for dimension in self.dimensions)
        return [*chain(self.base, *by_dimension, self.own_limit, self.network_lines, self.limit, self.rounding)]

    @property
    def total(self) -> float:
        """The sum of all lines: the exact score, or the published one where the network is in whole points."""
        return sum(line.points for line in self.lines)

    @property
    def points_to_next(self) -> int | None:
        return self.next_band.lower - self.score.published if self.next_band and self.score else None
