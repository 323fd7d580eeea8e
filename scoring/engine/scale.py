"""The scale of scores, in points, and the number that stands for having none."""

FLOOR = 350
CEILING = 950
SPAN = CEILING - FLOOR
UNSCORED = -1
