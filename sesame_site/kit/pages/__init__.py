"""Helpers for pages that people read."""
