"""What several console pages share."""

from django.shortcuts import get_object_or_404

from scoring.models import RuleSet


def rule_set_or_404(version: int) -> RuleSet:
    """A rule set with its parts and people, in a fixed number of queries."""
    rows = RuleSet.objects.with_parts().select_related("author", "published_by", "based_on")
    return get_object_or_404(rows, version=version)
