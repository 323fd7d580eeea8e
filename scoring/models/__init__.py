"""The records of the scoring app, one concept a module."""

from scoring.models.contests import Contest
from scoring.models.kept_files import KeptFiles
from scoring.models.movements import FollowerPlace, Movement, MovementCount, Segment
from scoring.models.programme import Programme
from scoring.models.rule_sets import Band, Dimension, Rule, RuleSet, TieWeight
from scoring.models.runs import Run
from scoring.models.scores import Score

__all__ = [
    "Band",
    "Contest",
    "Dimension",
    "FollowerPlace",
    "KeptFiles",
    "Movement",
    "MovementCount",
    "Programme",
    "Rule",
    "RuleSet",
    "Run",
    "Score",
    "Segment",
    "TieWeight",
]
