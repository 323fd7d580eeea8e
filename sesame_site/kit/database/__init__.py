"""Helpers for PostgreSQL: bulk copies, locks, connections, read-only transactions."""
