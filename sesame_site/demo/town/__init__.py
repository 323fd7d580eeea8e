"""A synthetic town: same seed and size, same town. Nobody in it is real."""

FEWEST, MOST = 50, 1_000_000  # citizens of a town
DEFAULT_CITIZENS = 5_000
