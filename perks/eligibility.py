"""Which perks are open and which restrictions apply, and why. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from perks.models import Perk, Restriction


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
    if published is None:
        return Outcome(perk, False, "It opens with a score, and you have none.")
    if published >= perk.opens_at:
        return Outcome(perk, True, f"Your {published} is at least {perk.opens_at}.")
    missing = perk.opens_at - published
    return Outcome(perk, False, f"It opens at {perk.opens_at}: {_points(missing)} more than your {published}.", missing)


def _restriction(published: int | None, restriction: Restriction) -> Outcome:
    if published is None:
        return Outcome(restriction, False, "It applies to low scores only, and you have no score.")
    if published < restriction.closes_below:
        missing = restriction.closes_below - published
        reason = (
            f"It applies below {restriction.closes_below}: {_points(missing)} more than your {published} would lift it."
        )
        return Outcome(restriction, True, reason, missing)
    return Outcome(restriction, False, f"Your {published} is not below {restriction.closes_below}.")


def _points(count: int) -> str:
    return "1 point" if count == 1 else f"{count} points"
