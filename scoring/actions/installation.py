"""What gives an empty installation its behaviour types and its first rule set."""

import datetime as dt

from django.db import transaction

from citizens.models import BehaviourType, User
from scoring.actions.terms import write_terms
from scoring.enums import RuleSetStatus
from scoring.models import RuleSet
from scoring.rules import open_sesame_2017
from scoring.rules.terms import Terms


def install_behaviour_types() -> dict[str, BehaviourType]:
    """Create the behaviour types that the installed rule set speaks of, where they are missing; all of them by key."""
    for spec in open_sesame_2017.RULES:
        parts = "name", "context", "unit", "amounts_below_zero", "plausible_most"
        defaults = {part: getattr(spec, part) for part in parts}
        BehaviourType.objects.get_or_create(key=spec.key, defaults=defaults)
    return BehaviourType.objects.in_bulk([spec.key for spec in open_sesame_2017.RULES], field_name="key")


@transaction.atomic
def install_rule_set(
    *,
    author: User | None,
    publisher: User | None,
    published_at: dt.datetime,
    terms: Terms = open_sesame_2017.TERMS,
) -> RuleSet:
    """Write and publish the first rule set; without people it is the installation's.

    Raises ValidationError, as for any draft, if the terms cannot be used.
    """
    install_behaviour_types()
    rule_set = RuleSet.objects.create(version=1, author=author, created_at=published_at)
    write_terms(rule_set, terms)
    rule_set.status, rule_set.submitted_at = RuleSetStatus.IN_REVIEW, published_at
    rule_set.save(update_fields=["status", "submitted_at"])
    rule_set.status, rule_set.published_by, rule_set.published_at = RuleSetStatus.PUBLISHED, publisher, published_at
    rule_set.save(update_fields=["status", "published_by", "published_at"])
    return rule_set
