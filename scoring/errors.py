"""Refusals of the scoring app, in words a person can act on."""

from django.core.exceptions import ValidationError


class RunRefused(ValidationError):
    """A run cannot start now; the text says why."""

    def __str__(self) -> str:
        return " ".join(self.messages)


class RunLost(Exception):
    """A run was given up while it computed; the text says so."""
