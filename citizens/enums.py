"""Choices of the citizens app, importable without loading any model."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TieKind(TextChoices):
    """What one person is to another; parent and child are two directions of one tie."""

    PARTNER = "partner", _("Partner")
    PARENT = "parent", _("Parent")
    CHILD = "child", _("Child")
    SIBLING = "sibling", _("Sibling")
    FRIEND = "friend", _("Friend")
    COLLEAGUE = "colleague", _("Colleague")
    NEIGHBOUR = "neighbour", _("Neighbour")

    @property
    def reverse(self) -> "TieKind":
        """What the first person is to the second when the second is `self` to the first."""
        return {TieKind.PARENT: TieKind.CHILD, TieKind.CHILD: TieKind.PARENT}.get(self, self)


class Context(TextChoices):
    """The part of life in which a behaviour is observed."""

    FINANCE = "finance", _("Finance")
    SHOPPING = "shopping", _("Shopping")
    ONLINE = "online", _("Online")
    SOCIAL = "social", _("Social")
    FAMILY = "family", _("Family")
    CIVIC = "civic", _("Civic")
    TRAVEL = "travel", _("Travel")
    HOUSING = "housing", _("Housing")
    WORK = "work", _("Work")
    IDENTITY = "identity", _("Identity")


class ConsentOrigin(TextChoices):
    """How a consent was given, or on whose word it was recorded."""

    PORTAL = "portal", _("Given by the citizen in the portal")
    FORM = "form", _("Given on a form outside the portal")
    IMPORT = "import", _("Recorded by an import")
    TOWN = "town", _("Invented by the generator")


class ChangeKind(TextChoices):
    """What kind of row a change in the outbox speaks of."""

    BEHAVIOUR = "behaviour", _("Behaviour")
    TIE = "tie", _("Tie")
    CONSENT = "consent", _("Consent")
    CITIZEN = "citizen", _("Citizen")
    DELETION = "deletion", _("Deletion of a citizen")
    IMPORT = "import", _("Import of many rows")


class Right(TextChoices):
    """What an account may do beyond what belongs to its own citizen."""

    SEE_PEOPLE = "people.see", _("Find citizens and see who they are")
    MANAGE_PEOPLE = "people.manage", _("Add citizens, act for them, and delete them")
    READ_ACCOUNTS = "accounts.read", _("See which accounts have which roles")
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
    SET_SCHEDULE = "schedule.set", _("Set when what is done regularly is done, among the raw records")
    RAW_RECORDS = "records.raw", _("See and change raw records, accounts among them")


class Role(TextChoices):
    """A part that people play; the table in citizens/access.py says which rights it carries."""

    RULE_AUTHOR = "rule_author", _("Rule author")
    PUBLISHER = "publisher", _("Publisher")
    JUDGE = "judge", _("Judge")
    PERK_MANAGER = "perk_manager", _("Perk manager")
    REGISTRAR = "registrar", _("Registrar")
    AUDITOR = "auditor", _("Auditor")
    OPERATOR = "operator", _("Operator")
    RECORD_KEEPER = "record_keeper", _("Record keeper")


class HoldKind(TextChoices):
    """What somebody did to the account of another."""

    MADE = "made", _("Made the account")
    SUPERUSER = "superuser", _("Gave it every right")
    ROLE = "role", _("Gave it a role")
    CITIZEN = "citizen", _("Changed the citizen that it belongs to")
    PASSWORD = "password", _("Set its password")
    FACTOR = "factor", _("Set its second factors")
    ADDRESS = "address", _("Set the address to which a new password is sent")
    ACTIVE = "active", _("Let it sign in again")

    @classmethod
    def of_control(cls) -> "frozenset[HoldKind]":
        """Those by which whoever did it could sign in with the account."""
        return frozenset({cls.MADE, cls.PASSWORD, cls.FACTOR, cls.ADDRESS, cls.ACTIVE})


class ReadKind(TextChoices):
    """What was read of a citizen."""

    SCORE = "score", _("Your score and its band")
    EXPLANATION = "explanation", _("Every line that makes up your score")
    HISTORY = "history", _("How your score has changed")


class SubjectKind(TextChoices):
    """The kind of record that an audit entry is about; the value is the label of its model."""

    CITIZEN = "citizens.citizen", _("Citizen")
    ACCOUNT = "citizens.user", _("Account")
    TIE = "citizens.tie", _("Tie")
    BEHAVIOUR = "citizens.behaviour", _("Behaviour")
    BEHAVIOUR_TYPE = "citizens.behaviourtype", _("Behaviour type")
    SOURCE = "citizens.source", _("Source")
    CONSENT = "citizens.consent", _("Consent")
    RULE_SET = "scoring.ruleset", _("Rule set")
    RUN = "scoring.run", _("Run")
    CONTEST = "scoring.contest", _("Contest")
    PROGRAMME = "scoring.programme", _("Programme")
    PERK = "perks.perk", _("Perk")
    RESTRICTION = "perks.restriction", _("Restriction")
    APPLICATION = "oauth2_provider.application", _("Application")
    GROUP = "auth.group", _("Group")
    PERIODIC_TASK = "django_celery_beat.periodictask", _("Periodic task")
    INTERVAL = "django_celery_beat.intervalschedule", _("Interval of a schedule")
    CRONTAB = "django_celery_beat.crontabschedule", _("Times of a schedule")
    SOLAR = "django_celery_beat.solarschedule", _("Solar event of a schedule")
    CLOCKED = "django_celery_beat.clockedschedule", _("Moment of a schedule")
    EMAIL_ADDRESS = "account.emailaddress", _("E-mail address")
    AUTHENTICATOR = "mfa.authenticator", _("Second factor")
    ACCESS_TOKEN = "oauth2_provider.accesstoken", _("Access token")
    GRANT = "oauth2_provider.grant", _("Authorisation code")
    ID_TOKEN = "oauth2_provider.idtoken", _("Identity token")
    REFRESH_TOKEN = "oauth2_provider.refreshtoken", _("Refresh token")
    FILE = "file", _("File")
    TOWN = "town", _("Demo town")


class AuditAction(TextChoices):
    """What somebody did, as the audit trail keeps it."""

    CITIZEN_JOINED = "citizen.joined", _("Added the citizen")
    CITIZEN_LEFT = "citizen.left", _("Ended the citizen's membership")
    CITIZEN_FORGOTTEN = "citizen.forgotten", _("Deleted the citizen and all that was known of them")
    SCORE_VIEWED = "citizen.score_viewed", _("Looked at the citizen's score")
    ACCOUNT_LINKED = "account.linked", _("Linked an account to the citizen")
    ACCOUNT_UNLINKED = "account.unlinked", _("Unlinked the account of the citizen")
    ROLES_ASSIGNED = "account.roles_assigned", _("Assigned roles to the account")
    ROLE_ASKED = "account.role_asked", _("Asked for a role of the account, which a second person confirms")
    ROLE_CONFIRMED = "account.role_confirmed", _("Confirmed a role of the account")
    ROLE_DECLINED = "account.role_declined", _("Declined a role of the account")
    PASSWORD_SET = "account.password_set", _("Set the password of the account")
    TIE_PROPOSED = "tie.proposed", _("Proposed the tie")
    TIE_CONFIRMED = "tie.confirmed", _("Confirmed the tie")
    TIE_DECLINED = "tie.declined", _("Closed the proposal of a tie")
    TIE_ENDED = "tie.ended", _("Ended the tie")
    TIES_IMPORTED = "tie.imported", _("Imported ties")
    CONSENT_GRANTED = "consent.granted", _("Gave consent to a source")
    CONSENT_RENEWED = "consent.renewed", _("Agreed to what a source asks for by now")
    CONSENT_WITHDRAWN = "consent.withdrawn", _("Withdrew consent from a source")
    BEHAVIOURS_FURNISHED = "behaviour.furnished", _("Furnished behaviours")
    BEHAVIOURS_IMPORTED = "behaviour.imported", _("Imported behaviours")
    BEHAVIOUR_RETRACTED = "behaviour.retracted", _("Retracted the behaviour")
    SHARING_ALLOWED = "sharing.allowed", _("Let the application read")
    SHARING_STOPPED = "sharing.stopped", _("Stopped the application from reading")
    SCOPES_ALLOWED = "application.scopes_allowed", _("Changed what the application may ask for")
    RULE_SET_DRAFTED = "rule_set.drafted", _("Started the draft")
    RULE_SET_EDITED = "rule_set.edited", _("Edited the draft")
    RULE_SET_SUBMITTED = "rule_set.submitted", _("Submitted the draft for review")
    RULE_SET_SENT_BACK = "rule_set.sent_back", _("Sent the rule set back to its author")
    RULE_SET_PUBLISHED = "rule_set.published", _("Published the rule set")
    RULE_SET_RETIRED = "rule_set.retired", _("Retired the rule set by publishing another")
    RULE_SET_DISCARDED = "rule_set.discarded", _("Discarded the draft")
    RUN_STARTED = "run.started", _("Started the run")
    RUN_FAILED = "run.failed", _("Gave the run up")
    CADENCE_SET = "programme.cadence_set", _("Set when others count")
    CONTEST_OPENED = "contest.opened", _("Objected to a behaviour")
    CONTEST_UPHELD = "contest.upheld", _("Upheld the contest")
    CONTEST_REJECTED = "contest.rejected", _("Rejected the contest")
    THRESHOLD_MOVED = "entitlement.threshold_moved", _("Moved the threshold")
    THRESHOLD_ASKED = "entitlement.threshold_asked", _("Asked for another threshold, which a second person approves")
    THRESHOLD_DECLINED = "entitlement.threshold_declined", _("Declined another threshold")
    RECORD_ADDED = "record.added", _("Added the raw record")
    RECORD_CHANGED = "record.changed", _("Changed the raw record")
    RECORD_DELETED = "record.deleted", _("Deleted the raw record")
    TOWN_BUILT = "town.built", _("Built the demo town")
