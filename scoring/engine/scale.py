"""The scale of scores, in points, the number that stands for having none, and the unit of age."""

FLOOR = 350
CEILING = 950
SPAN = CEILING - FLOOR
UNSCORED = -1
# A day in microseconds, as the engine counts time.
DAY = 86_400e6
