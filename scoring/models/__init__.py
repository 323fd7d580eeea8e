"""The records of the scoring app, one concept a module."""

from scoring.models.contests import Contest
from scoring.models.rule_sets import Band, Dimension, Rule, RuleSet, TieWeight
from scoring.models.runs import Run
from scoring.models.scores import Score, ScoreHistory

__all__ = ["Band", "Contest", "Dimension", "Rule", "RuleSet", "Run", "Score", "ScoreHistory", "TieWeight"]
