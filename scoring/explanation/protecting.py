"""What a citizen may see of the people they know: never what one of them, or a few, do to the score."""

from citizens.enums import TieKind
from scoring.engine.explain import NetworkLines
from scoring.engine.parts import unpacked
from scoring.explanation.lines import NetworkPart
from scoring.models import Score

# A tie's exact contribution would tell the other person's score.
PEOPLE_TO_SHOW_A_SPLIT = 5
# What floating point leaves of a limit that took nothing is far below the promised 1e-6.
ROUNDING_POINTS = 1e-9


def network_as_shown(lines: NetworkLines, score: Score) -> NetworkPart:
    """Stored drag and lift, so that the lines add up exactly; counts per role from the ties.

    What is shown apart is never the doing of a few people, in however many ties. Those who tell nothing, because their
    score is neither low nor high or their kind of tie counts nothing, hide nobody.
    """
    cap = without_rounding(score.network - (score.drag + score.lift))
    if not lines.draggers | lines.lifters or _are_few(lines.draggers) or _are_few(lines.lifters):
        return NetworkPart(score.network, lines.ties, None, None, cap)
    shown = {role: line for role, line in lines.by_role.items() if len(line.telling) >= PEOPLE_TO_SHOW_A_SPLIT}
    # Nor must what is left when the kinds shown are taken from the total.
    if _are_few(frozenset().union(*(line.telling for role, line in lines.by_role.items() if role not in shown))):
        shown = {}
    by_role = tuple((str(TieKind(role).label), line.points, line.ties) for role, line in shown.items())
    return NetworkPart(score.network, lines.ties, score.drag, score.lift, cap, by_role)


def network_of_the_run(score: Score) -> NetworkPart:
    """What the run stored with the score of how its network effect is made up, whatever has become of others since."""
    split = unpacked(score.network_split)
    cap = without_rounding(score.network - (score.drag + score.lift))
    by_role = tuple((str(TieKind(role).label), float(points), None) for role, points in split.by_role.items())
    drag, lift = (None, None) if split.drag is None else (score.drag, score.lift)
    return NetworkPart(score.network, None, drag, lift, cap, by_role)


def without_rounding(points: float) -> float:
    """The points that a limit took, 0 where only the rounding of floating point is left."""
    return points if abs(points) > ROUNDING_POINTS else 0.0


def _are_few(people: frozenset[int]) -> bool:
    """Some, and so few that what they do together would tell what one of them does."""
    return 0 < len(people) < PEOPLE_TO_SHOW_A_SPLIT
