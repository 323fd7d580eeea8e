"""Imports behaviours of one source."""

from citizens.imports.behaviours.job import BehaviourImport

__all__ = ["BehaviourImport"]
