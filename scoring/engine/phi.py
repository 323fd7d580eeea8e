"""φ over arrays: what a score takes from, or gives to, those who know its citizen."""

import numpy as np

from scoring.engine.arrays import Floats
from scoring.engine.model import Influence


def drag_and_lift(score: Floats, by: Influence) -> tuple[Floats, Floats]:
    """The two parts of φ(s) at these scores, in points: what drags, 0 or less, and what lifts, 0 or more.

    φ(s) = −drag · max(0, θ_drag − s) + lift · max(0, s − θ_lift)
    """
    below = np.maximum(0.0, by.theta_drag - score)
    above = np.maximum(0.0, score - by.theta_lift)
    return -by.drag * below, by.lift * above
