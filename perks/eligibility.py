"""Which perks are open and which restrictions apply, and why. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perks.models import Perk, Restriction
from scoring.engine.scale import UNSCORED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a score means for one perk or restriction; `missing` points would change it for the better."""

    opening: Perk | Restriction
    holds: bool
    reason: str
    missing: int = 0


def perk_outcomes(published: int | None, perks: Iterable[Perk]) -> list[Outcome]:
    """For each perk, whether it is open (`holds`). The unscored have no perks."""
    return [_perk(published, perk) for perk in perks]


def restriction_outcomes(published: int | None, restrictions: Iterable[Restriction]) -> list[Outcome]:
    """For each restriction, whether it applies (`holds`). It never applies to the unscored."""
    return [_restriction(published, restriction) for restriction in restrictions]


def _perk(published: int | None, perk: Perk) -> Outcome:
    holds = perk.holds_at(UNSCORED if published is None else published)
    facts = {"threshold": perk.threshold, "score": published}
    if published is None:
        return Outcome(perk, holds, _("It opens with a score, and you have none."))
    if holds:
        return Outcome(perk, holds, _("Your %(score)s is at least %(threshold)s.") % facts)
    missing = perk.threshold - published
    words = ngettext(
        "It opens at %(threshold)s: %(missing)s point more than your %(score)s.",
        "It opens at %(threshold)s: %(missing)s points more than your %(score)s.",
        missing,
    )
    return Outcome(perk, holds, words % (facts | {"missing": missing}), missing)


def _restriction(published: int | None, restriction: Restriction) -> Outcome:
    holds = restriction.holds_at(UNSCORED if published is None else published)
    facts = {"threshold": restriction.threshold, "score": published}
    if published is None:
        return Outcome(restriction, holds, _("It applies to low scores only, and you have no score."))
    if not holds:
        return Outcome(restriction, holds, _("Your %(score)s is not below %(threshold)s.") % facts)
    missing = restriction.threshold - published
    words = ngettext(
        "It applies below %(threshold)s: %(missing)s point more than your %(score)s would lift it.",
        "It applies below %(threshold)s: %(missing)s points more than your %(score)s would lift it.",
        missing,
    )
    return Outcome(restriction, holds, words % (facts | {"missing": missing}), missing)
