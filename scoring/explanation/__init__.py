"""Every line that adds up to a score: built from rows, worded in one place."""

from scoring.explanation.building import explain, worth
from scoring.explanation.lines import Explanation, Line, LineKind, UnscoredReason

__all__ = ["Explanation", "Line", "LineKind", "UnscoredReason", "explain", "worth"]
