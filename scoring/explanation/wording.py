"""The one wording of explanations: for pages, console, REST and command line."""

from collections.abc import Callable

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from scoring.engine.scale import CEILING, FLOOR
from scoring.explanation.lines import Explanation, Facts, Line, LineKind, UnscoredReason
from scoring.explanation.protecting import PEOPLE_TO_SHOW_A_SPLIT
from sesame_site.kit.pages.numbers import number, quantity, signed

register = template.Library()


@register.filter
def line_label(line: Line) -> str:
    """What the line is called."""
    return LABELS[line.kind]() % {"name": line.facts.get("name", "")}


@register.filter
def line_note(line: Line) -> str:
    """What the line rests on, in whole sentences."""
    return NOTES[line.kind](line.facts)


@register.filter
def unscored_words(explanation: Explanation) -> str:
    """Why there is no score; empty for the scored."""
    if explanation.unscored is None:
        return ""
    if explanation.unscored == UnscoredReason.TOO_LITTLE_KNOWN:
        return _too_little_known(explanation.unscored_facts["needed"])
    return UNSCORED[explanation.unscored]()


def _too_little_known(needed: int) -> str:
    return ngettext(
        "Too little is known: a score needs at least %(needed)s behaviour.",
        "Too little is known: a score needs at least %(needed)s behaviours.",
        needed,
    ) % {"needed": number(needed)}


def _rule_note(facts: Facts) -> str:
    times = ngettext("Reported once.", "Reported %(times)s times.", facts["events"])
    sentences = [times % {"times": number(facts["events"])}, _worth(facts)]
    if facts["expiry_days"]:
        many = _count(facts, "expiry_days")
        forgotten = ngettext("Forgotten after %(days)s day.", "Forgotten after %(days)s days.", many)
        sentences.append(forgotten % {"days": number(facts["expiry_days"])})
    return " ".join(sentences)


def _worth(facts: Facts) -> str:
    unit = str(facts["unit"])
    named = {"amount": quantity(facts["amount"], unit), "points": signed(facts["rule_points"]), "unit": unit}
    if not facts["half_life_days"]:
        return _("It does not fade: %(amount)s, at %(points)s points per %(unit)s.") % named
    return ngettext(
        "It fades by half in %(days)s day, which leaves %(amount)s, at %(points)s points per %(unit)s.",
        "It fades by half in %(days)s days, which leaves %(amount)s, at %(points)s points per %(unit)s.",
        _count(facts, "half_life_days"),
    ) % (named | {"days": number(facts["half_life_days"])})


def _network_note(facts: Facts) -> str:
    if not facts["ties"]:
        return _("No tie that counts leads to anybody with a score.")
    if facts.get("fewest"):
        return ngettext(
            "The network counts only with at least %(fewest)s scored person; fewer of those you know count.",
            "The network counts only with at least %(fewest)s scored people; fewer of those you know count.",
            facts["fewest"],
        ) % {"fewest": number(facts["fewest"])}
    not_split = _("Not split: where fewer than %(people)s of them drag or lift, that would tell somebody else's score.")
    sentences = [_ties(facts), not_split % {"people": PEOPLE_TO_SHOW_A_SPLIT}]
    return " ".join([*sentences, _network_limit(facts)] if facts["at_limit"] else sentences)


def _ties(facts: Facts) -> str:
    words = ngettext("One scored tie counts.", "%(ties)s scored ties count.", facts["ties"])
    return words % {"ties": number(facts["ties"])}


def _network_limit(facts: Facts) -> str:
    named = {"version": facts["version"], "most": number(facts["most"])}
    if facts["total"] < 0:
        return _("At its limit: by rule set version %(version)s, ties take at most %(most)s.") % named
    return _("At its limit: by rule set version %(version)s, ties give at most %(most)s.") % named


def _most(sentence: str, facts: Facts) -> str:
    return sentence % {"name": facts["name"], "most": number(facts["most"])}


def _on_the_scale(sentence: str) -> str:
    return sentence % {"low": FLOOR, "high": CEILING}


def _count(facts: Facts, days: str) -> int:
    """The number that chooses between one and many: 1 for exactly one day, and for parts of days never 1."""
    return 1 if facts[days] == 1 else max(2, int(facts[days]))


LABELS: dict[LineKind, Callable[[], str]] = {
    LineKind.BASE: lambda: _("Base"),
    LineKind.RULE: lambda: "%(name)s",
    LineKind.RULE_LIMIT: lambda: _("Limit of “%(name)s”"),
    LineKind.DIMENSION_LIMIT: lambda: _("Limit of “%(name)s”"),
    LineKind.OWN_SCORE_LIMIT: lambda: _("Limit of the own score"),
    LineKind.NETWORK: lambda: _("Network effect"),
    LineKind.DRAG: lambda: pgettext("what low scorers take", "Drag"),
    LineKind.LIFT: lambda: pgettext("what high scorers give", "Lift"),
    LineKind.NETWORK_LIMIT: lambda: _("Limit of the network effect"),
    LineKind.SCORE_LIMIT: lambda: _("Limit of the score"),
}
NOTES: dict[LineKind, Callable[[Facts], str]] = {
    LineKind.BASE: lambda facts: _("Where everybody starts."),
    LineKind.RULE: _rule_note,
    LineKind.RULE_LIMIT: lambda facts: _most(_("“%(name)s” gives or takes at most %(most)s."), facts),
    LineKind.DIMENSION_LIMIT: lambda facts: _most(_("“%(name)s” moves a score by at most %(most)s."), facts),
    LineKind.OWN_SCORE_LIMIT: lambda facts: _on_the_scale(_("An own score stays within %(low)s and %(high)s.")),
    LineKind.NETWORK: _network_note,
    LineKind.DRAG: lambda facts: f"{_('What people with low scores take.')} {_ties(facts)}",
    LineKind.LIFT: lambda facts: f"{_('What people with high scores give.')} {_ties(facts)}",
    LineKind.NETWORK_LIMIT: _network_limit,
    LineKind.SCORE_LIMIT: lambda facts: _on_the_scale(_("A score stays within %(low)s and %(high)s.")),
}
UNSCORED: dict[UnscoredReason, Callable[[], str]] = {
    UnscoredReason.NO_RUN: lambda: _("Nobody has been scored yet."),
    UnscoredReason.LEFT: lambda: _("Somebody who has left has no score."),
    UnscoredReason.NO_CONSENT: lambda: _("No source has consent, so nothing may be said."),
    UnscoredReason.CONSENT_WAITS: lambda: _(
        "Consent was withdrawn and given again. What is given again counts after a wait, with a run."
    ),
    UnscoredReason.NOT_KEPT: lambda: _("The scores of this run are no longer kept."),
}
