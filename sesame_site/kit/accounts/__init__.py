"""Helpers for signing in."""
