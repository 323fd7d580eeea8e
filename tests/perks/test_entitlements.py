"""Perks and restrictions by themselves: for whom they hold."""

from perks.models import Perk, Restriction


def test_holders_are_counted_on_the_right_side_of_the_threshold():
    people = {500: 3, 599: 2, 600: 4, 700: 1}
    bike, flight = Perk(opens_at=600), Restriction(closes_below=600)
    assert (bike.count_holders(people), flight.count_holders(people)) == (5, 5)
    assert (Perk(opens_at=599).count_holders(people), Restriction(closes_below=599).count_holders(people)) == (7, 3)
    bike.is_active = False
    assert (bike.count_holders(people), flight.count_holders({})) == (0, 0)
