"""The scale of scores, in points, the number that stands for having none, and the unit of time."""

FLOOR = 350
CEILING = 950
SPAN = CEILING - FLOOR
UNSCORED = -1
MICROSECONDS_PER_DAY = 86_400e6
MICROSECONDS_PER_MINUTE = 60_000_000
