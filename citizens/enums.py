"""Choices of the citizens app, importable without loading any model."""

from django.db.models import TextChoices


class TieKind(TextChoices):
    """What one person is to another; parent and child are two directions of one tie."""

    PARTNER = "partner", "Partner"
    PARENT = "parent", "Parent"
    CHILD = "child", "Child"
    SIBLING = "sibling", "Sibling"
    FRIEND = "friend", "Friend"
    COLLEAGUE = "colleague", "Colleague"
    NEIGHBOUR = "neighbour", "Neighbour"

    @property
    def reverse(self) -> "TieKind":
        """What the first person is to the second when the second is `self` to the first."""
        return {TieKind.PARENT: TieKind.CHILD, TieKind.CHILD: TieKind.PARENT}.get(self, self)


class Context(TextChoices):
    """The part of life in which a behaviour is observed."""

    FINANCE = "finance", "Finance"
    SHOPPING = "shopping", "Shopping"
    ONLINE = "online", "Online"
    SOCIAL = "social", "Social"
    FAMILY = "family", "Family"
    CIVIC = "civic", "Civic"
    TRAVEL = "travel", "Travel"
    HOUSING = "housing", "Housing"
    WORK = "work", "Work"
    IDENTITY = "identity", "Identity"


class ChangeKind(TextChoices):
    """What kind of row a change in the outbox speaks of."""

    BEHAVIOUR = "behaviour", "Behaviour"
    TIE = "tie", "Tie"
    CONSENT = "consent", "Consent"
    CITIZEN = "citizen", "Citizen"
    DELETION = "deletion", "Deletion of a citizen"
    IMPORT = "import", "Import of many rows"
