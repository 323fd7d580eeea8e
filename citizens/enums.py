"""Choices of the citizens app, importable without loading any model."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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


class Right(TextChoices):
    """What an account may do beyond what belongs to its own citizen."""

    SEE_PEOPLE = "people.see", _("Find citizens and see who they are")
    MANAGE_PEOPLE = "people.manage", _("Add citizens, act for them, and delete them")
    MANAGE_ACCOUNTS = "accounts.manage", _("Link accounts to citizens and assign roles")
    SEE_SCORES = "scores.see", _("See anybody's score and why it is what it is")
    READ_RULE_SETS = "rule_sets.read", _("Read rule sets and previews")
    WRITE_RULE_SETS = "rule_sets.write", _("Draft rule sets and submit them for review")
    PUBLISH_RULE_SETS = "rule_sets.publish", _("Publish rule sets of others, or send them back")
    READ_RUNS = "runs.read", _("See runs")
    START_RUNS = "runs.start", _("Start runs")
    READ_CONTESTS = "contests.read", _("Read contests")
    JUDGE_CONTESTS = "contests.judge", _("Decide contests")
    READ_PERKS = "perks.read", _("See for how many perks and restrictions hold")
    MANAGE_PERKS = "perks.manage", _("Change perks and restrictions")
    READ_AUDIT = "audit.read", _("Read the audit trail")


class Role(TextChoices):
    """A part that people play; the table in citizens/access.py says which rights it carries."""

    RULE_AUTHOR = "rule_author", _("Rule author")
    PUBLISHER = "publisher", _("Publisher")
    JUDGE = "judge", _("Judge")
    PERK_MANAGER = "perk_manager", _("Perk manager")
    REGISTRAR = "registrar", _("Registrar")
    AUDITOR = "auditor", _("Auditor")
    OPERATOR = "operator", _("Operator")
