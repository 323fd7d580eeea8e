"""What a score does to a population, measured."""
