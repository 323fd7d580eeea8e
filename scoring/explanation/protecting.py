"""What is shown of the people somebody knows: whole points to the citizen, and never what one of them, or a few, do."""

from collections.abc import Iterable, Iterator

from citizens.enums import TieKind
from scoring.engine.explain import NetworkLines
from scoring.engine.parts import NetworkSplit
from scoring.engine.scale import CEILING, FLOOR, whole
from scoring.explanation.lines import Line, LineKind, NetworkPart
from scoring.models import Score

# What floating point leaves of a limit that took nothing is far below the promised 1e-6.
ROUNDING_POINTS = 1e-9


def exact_network(lines: NetworkLines, score: Score) -> NetworkPart:
    """All of it, for those with the right: stored drag and lift, so that the lines add up exactly."""
    by_role = tuple(_labelled(lines.by_role.items()))
    return NetworkPart(score.network, lines.people, score.drag, score.lift, _is_at_limit(score), by_role)


def network_in_whole_points(split: NetworkSplit, score: Score) -> NetworkPart:
    """What a citizen, and whomever they let read, sees: the split has only what tells of nobody alone."""
    by_role = tuple(_labelled(split.by_role.items()))
    return NetworkPart(whole(score.network), None, split.drag, split.lift, _is_at_limit(score), by_role)


def exact_limit(score: Score) -> float:
    """What the ends of the scale take from or add to the exact score."""
    return without_rounding(score.value - score.own - score.network)


def limit_in_whole_points(score: Score) -> float:
    """What the ends of the scale take or add where the network effect is in whole points."""
    shown = score.own + whole(score.network)
    return min(max(shown, FLOOR), CEILING) - shown


def rounding(score: Score, lines: list[Line]) -> tuple[Line, ...]:
    """The line that brings these lines to the published score, if it takes one. It tells no more than they do."""
    points = without_rounding(score.published - sum(line.points for line in lines))
    return (Line(LineKind.ROUNDING, points),) if points else ()


def without_rounding(points: float) -> float:
    """The points that a limit took, 0 where only the rounding of floating point is left."""
    return points if abs(points) > ROUNDING_POINTS else 0.0


def _is_at_limit(score: Score) -> bool:
    return bool(without_rounding(score.network - (score.drag + score.lift)))


def _labelled(points: Iterable[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    return ((str(TieKind(role).label), value) for role, value in points)
