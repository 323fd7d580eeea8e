"""Helpers for the REST interface."""
