"""A synthetic town: same seed and size, same town. Nobody in it is real."""
