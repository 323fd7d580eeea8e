"""What several console pages share."""

import datetime as dt

from django.shortcuts import get_object_or_404

from citizens.models import User
from scoring.models import RuleSet
from scoring.rules.terms import terms_of
from sesame_site.kit.pages.seen import Seen

# The population moves on, so a preview from longer ago is looked at anew.
PREVIEW_SERVES = dt.timedelta(days=1)
PREVIEWED = Seen("scoring.console.preview", field="previewed", max_age=PREVIEW_SERVES)


def rule_set_or_404(version: int) -> RuleSet:
    """A rule set with its parts and people, in a fixed number of queries."""
    rows = RuleSet.objects.with_parts().select_related("author", "published_by", "based_on")
    return get_object_or_404(rows, version=version)


def note_of_preview(rule_set: RuleSet, published: RuleSet, user: User) -> str:
    """The signed note that this person has the preview of exactly these terms before them."""
    return PREVIEWED.sign({"what": terms_of(rule_set).fingerprint_beside(published.version), "by": user.pk})


def previewed_by(user: User, note: str) -> str | None:
    """The fingerprint of what this person saw previewed, as the note says; None without one, and for another person."""
    facts = PREVIEWED.carried_by(note)
    return facts["what"] if facts and facts["by"] == user.pk else None
