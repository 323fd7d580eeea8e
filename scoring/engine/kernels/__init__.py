"""Compiled code: loops over rows, on all processors. Nothing here knows a rule set or a run."""
