"""The records of the citizens app, one concept a module."""

from citizens.models.audit import AuditEntry, AuditHead, AuditSeal
from citizens.models.behaviours import Behaviour, BehaviourType, Source
from citizens.models.changes import Change
from citizens.models.consent import Consent
from citizens.models.people import Citizen, User
from citizens.models.sharing import Allowance
from citizens.models.ties import Tie
from citizens.models.transactions import DatabaseCluster

__all__ = [
    "Allowance",
    "AuditEntry",
    "AuditHead",
    "AuditSeal",
    "Behaviour",
    "BehaviourType",
    "Change",
    "Citizen",
    "Consent",
    "DatabaseCluster",
    "Source",
    "Tie",
    "User",
]
