"""Rule sets with all their parts, kept in memory by each process: once they leave draft, they do not change again."""

import time

from scoring.models import RuleSet

# The names and units of behaviour types can be edited, and pages show them.
SECONDS_KEPT = 60.0
MOST_KEPT = 8
_kept: dict[int, tuple[float, RuleSet]] = {}


def rule_set_with_parts(rule_set_id: int) -> RuleSet:
    """A rule set that has been published, with its dimensions, rules, behaviour types, weights of ties and bands.

    It may be SECONDS_KEPT old, so its status is not to be relied on. Callers must not change it. Raises
    RuleSet.DoesNotExist.
    """
    now = time.monotonic()
    read_at, rule_set = _kept.get(rule_set_id, (0.0, None))
    if rule_set is None or now - read_at > SECONDS_KEPT:
        rule_set = RuleSet.objects.with_parts().get(pk=rule_set_id)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[rule_set_id] = now, rule_set
    return rule_set


def forget_rule_sets() -> None:
    """Forgets all of them, so that each is read anew when it is asked for."""
    _kept.clear()
