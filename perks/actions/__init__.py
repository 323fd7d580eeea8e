"""Writes of the perks app."""
