"""The records of the citizens app, one concept a module."""

from citizens.models.audit import AuditEntry, AuditHead, AuditSeal
from citizens.models.behaviours import Behaviour, BehaviourType, Source
from citizens.models.changes import Change
from citizens.models.consent import Consent, ConsentText
from citizens.models.people import Citizen, User
from citizens.models.powers import Hold, RoleGrant
from citizens.models.reads import ReadPlace, ScoreRead
from citizens.models.sharing import Allowance, ApplicationScopes
from citizens.models.ties import Tie
from citizens.models.transactions import DatabaseCluster

__all__ = [
    "Allowance",
    "ApplicationScopes",
    "AuditEntry",
    "AuditHead",
    "AuditSeal",
    "Behaviour",
    "BehaviourType",
    "Change",
    "Citizen",
    "Consent",
    "ConsentText",
    "DatabaseCluster",
    "Hold",
    "ReadPlace",
    "RoleGrant",
    "ScoreRead",
    "Source",
    "Tie",
    "User",
]
