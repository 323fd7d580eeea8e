"""Imports files of ties between citizens."""

from citizens.imports.ties.job import TieImport

__all__ = ["TieImport"]
