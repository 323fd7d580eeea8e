"""What a score opens and what it closes."""

from perks.models.changes import ThresholdChange
from perks.models.entitlements import Entitlement, Perk, Restriction

__all__ = ["Entitlement", "Perk", "Restriction", "ThresholdChange"]
