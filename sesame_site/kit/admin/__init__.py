"""Helpers for the raw records in the admin."""
