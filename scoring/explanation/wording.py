"""The one wording of explanations: for pages, console, REST and command line."""

from collections.abc import Callable

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from scoring.engine.scale import CEILING, FLOOR
from scoring.engine.splitting import PEOPLE_TO_SHOW_A_PART
from scoring.explanation.lines import Explanation, Facts, Line, LineKind, UnscoredReason
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
    not_split = _(
        "In whole points, and in one line: where fewer than %(people)s people drag or lift, more would tell somebody "
        "else’s score."
    ) % {"people": PEOPLE_TO_SHOW_A_PART}
    sentences = [not_split]
    if facts["fewest"] > 1:
        fewest = ngettext(
            "They count only where at least %(people)s person has a score.",
            "They count only where at least %(people)s people have a score.",
            facts["fewest"],
        )
        sentences.append(fewest % {"people": number(facts["fewest"])})
    return " ".join([*sentences, _network_limit(facts)] if facts["at_limit"] else sentences)


def _with_ties(sentence: str, facts: Facts) -> str:
    """The sentence, and how many scored ties count, for those who may know it."""
    if facts["ties"] is None:
        return sentence
    words = ngettext("One scored tie counts.", "%(ties)s scored ties count.", facts["ties"])
    return f"{sentence} {words % {'ties': number(facts['ties'])}}"


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
    LineKind.ROUNDING: lambda: _("Rounding"),
}
NOTES: dict[LineKind, Callable[[Facts], str]] = {
    LineKind.BASE: lambda facts: _("Where everybody starts."),
    LineKind.RULE: _rule_note,
    LineKind.RULE_LIMIT: lambda facts: _most(_("“%(name)s” gives or takes at most %(most)s."), facts),
    LineKind.DIMENSION_LIMIT: lambda facts: _most(_("“%(name)s” moves a score by at most %(most)s."), facts),
    LineKind.OWN_SCORE_LIMIT: lambda facts: _on_the_scale(_("An own score stays within %(low)s and %(high)s.")),
    LineKind.NETWORK: _network_note,
    LineKind.DRAG: lambda facts: _with_ties(_("What people with low scores take."), facts),
    LineKind.LIFT: lambda facts: _with_ties(_("What people with high scores give."), facts),
    LineKind.NETWORK_LIMIT: _network_limit,
    LineKind.SCORE_LIMIT: lambda facts: _on_the_scale(_("A score stays within %(low)s and %(high)s.")),
    LineKind.ROUNDING: lambda facts: _("People you know are counted in whole points, and so is the score."),
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
