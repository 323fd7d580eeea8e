"""Refusals of the scoring app, in words a person can act on."""


class RunRefused(Exception):
    """A run cannot start now; the text says why."""


class RunLost(Exception):
    """A run was given up while it computed; the text says so."""
