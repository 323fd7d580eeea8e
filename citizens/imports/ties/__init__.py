"""Imports ties: who knows whom."""

from citizens.imports.ties.job import TieImport

__all__ = ["TieImport"]
