"""The records of the citizens app, one concept a module."""

from citizens.models.audit import AuditEntry
from citizens.models.behaviours import Behaviour, BehaviourType, Source
from citizens.models.changes import Change
from citizens.models.consent import Consent
from citizens.models.people import Citizen, User
from citizens.models.ties import Tie

__all__ = ["AuditEntry", "Behaviour", "BehaviourType", "Change", "Citizen", "Consent", "Source", "Tie", "User"]
