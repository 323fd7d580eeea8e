"""The guard against working out others from what one sees of oneself, tried by attackers who learn from many plays."""

from itertools import islice

import pytest

from bench.attacks import acts, bands
from bench.attacks.learning import advantages
from bench.attacks.sight import OFF, ON

TRAINING, PLAYS = 2_000, 1_000
# With 1,000 plays, an advantage is known to about ±0.03.
LARGEST_ADVANTAGE = 0.05


def played(game, guard, *, days, training=TRAINING, plays=PLAYS):
    drawn = [*islice(game.plays(guard, seed=2017, days=days), training + plays)]
    return advantages(drawn[:training], drawn[training:])


def test_who_sees_twice_as_much_is_right_twice_as_often():
    """Half did it. One strategy sees it, one sees nothing, and one sees it every other time."""
    drawn = [({"all": n % 2, "nothing": 0, "half": n % 2 if n % 4 < 2 else -1}, n % 2) for n in range(400)]
    assert advantages(drawn[:200], drawn[200:]) == {"all": 0.5, "nothing": 0.0, "half": pytest.approx(0.25)}


def test_without_the_guard_a_friend_s_act_is_seen():
    found = played(acts, OFF, days=1, training=400, plays=200)
    assert found["watch live"] > 0.3, "else the plays prove nothing"


def test_with_the_guard_nobody_alone_and_no_partner_sees_it():
    found = played(acts, ON, days=7)
    assert {strategy: found[strategy] for strategy in ("watch", "nudge", "partner")} == {
        strategy: pytest.approx(0, abs=LARGEST_ADVANTAGE) for strategy in ("watch", "nudge", "partner")
    }


def test_a_newcomer_with_few_friends_learns_the_band_of_one_without_the_guard_only():
    alone, guarded = (played(bands, guard, days=7, training=400, plays=200) for guard in (OFF, ON))
    for strategy in ("one tie", "1 accomplices", "2 accomplices", "3 accomplices"):
        assert alone[strategy] > 0.2
        assert guarded[strategy] == 0
    assert guarded["4 accomplices"] > 0.2, "whole points of five people, four of whom tell: docs/threats.md says so"
    assert guarded["end the tie"] < alone["end the tie"]
