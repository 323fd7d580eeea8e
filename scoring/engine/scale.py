"""The scale of scores, in points, how points are rounded, and the unit of time."""

import math

FLOOR = 350
CEILING = 950
SPAN = CEILING - FLOOR
UNSCORED = -1
MICROSECONDS_PER_DAY = 86_400e6
MICROSECONDS_PER_MINUTE = 60_000_000


def whole(points: float) -> int:
    """The points rounded half up, as scores are when they are published."""
    return math.floor(points + 0.5)
