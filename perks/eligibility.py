"""Which perks are open and which restrictions apply, and why. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perks.models import Entitlement, Perk, Restriction


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a score means for one perk or restriction; `missing` points would change it for the better."""

    opening: Entitlement
    holds: bool
    reason: str
    missing: int = 0


def perk_outcomes(published: int | None, perks: Iterable[Perk]) -> list[Outcome]:
    """For each perk, whether it is open (`holds`). The unscored have no perks."""
    return [_outcome(published, perk, _perk_reason) for perk in perks]


def restriction_outcomes(published: int | None, restrictions: Iterable[Restriction]) -> list[Outcome]:
    """For each restriction, whether it applies (`holds`). It never applies to the unscored."""
    return [_outcome(published, restriction, _restriction_reason) for restriction in restrictions]


def _outcome(published: int | None, opening: Entitlement, reason: Callable[[int | None, Any], str]) -> Outcome:
    words = reason(published, opening)
    if published is None:
        return Outcome(opening, False, words)
    return Outcome(opening, bool(opening.holds_at(published)), words, opening.missing_at(published))


def _perk_reason(published: int | None, perk: Perk) -> str:
    if published is None:
        return _("It opens with a score, and you have none.")
    if perk.holds_at(published):
        return _("Your %(score)s is at least %(threshold)s.") % _facts(published, perk)
    return ngettext(
        "It opens at %(threshold)s: %(missing)s point more than your %(score)s.",
        "It opens at %(threshold)s: %(missing)s points more than your %(score)s.",
        perk.missing_at(published),
    ) % _facts(published, perk)


def _restriction_reason(published: int | None, restriction: Restriction) -> str:
    if published is None:
        return _("It applies to low scores only, and you have no score.")
    if not restriction.holds_at(published):
        return _("Your %(score)s is not below %(threshold)s.") % _facts(published, restriction)
    return ngettext(
        "It applies below %(threshold)s: %(missing)s point more than your %(score)s would lift it.",
        "It applies below %(threshold)s: %(missing)s points more than your %(score)s would lift it.",
        restriction.missing_at(published),
    ) % _facts(published, restriction)


def _facts(published: int, opening: Entitlement) -> dict[str, int]:
    return {"score": published, "threshold": opening.threshold, "missing": opening.missing_at(published)}
