"""What a draft does to perks and restrictions, counted over published scores."""

import numpy as np
import pytest
from perks.effects import effects_of, reach

from perks.models import Perk, Restriction
from scoring.lab import registry

pytestmark = pytest.mark.django_db
BEFORE = np.array([600, 599, 500, -1, 700], dtype=np.int16)
AFTER = np.array([599, 600, -1, 700, 700], dtype=np.int16)


def test_perks_open_at_their_threshold_and_never_for_the_unscored():
    Perk.objects.create(key="bike", name="Bicycle", opens_at=600)
    assert effects_of(BEFORE, AFTER) == [{"name": "Perk: Bicycle", "before": 2, "after": 3, "gained": 2, "lost": 1}]


def test_restrictions_apply_below_and_never_to_the_unscored():
    Restriction.objects.create(key="flight", name="No flights", closes_below=600)
    assert effects_of(BEFORE, AFTER) == [
        {"name": "Restriction: No flights", "before": 2, "after": 1, "gained": 1, "lost": 2}
    ]


def test_what_is_switched_off_has_no_effect():
    Perk.objects.create(key="bike", name="Bicycle", opens_at=600, is_active=False)
    assert effects_of(BEFORE, AFTER) == []


def test_two_queries_however_many_there_are(django_assert_num_queries):
    for number in range(5):
        Perk.objects.create(key=f"perk-{number}", name="Perk", opens_at=600)
    with django_assert_num_queries(2):  # perks, restrictions
        assert len(effects_of(BEFORE, AFTER)) == 5


def test_perks_registered_themselves_once_at_start():
    assert registry._effects.count(effects_of) == 1
    registry.register(effects_of)
    assert registry._effects.count(effects_of) == 1


def test_reach_counts_those_for_whom_it_holds():
    people = {500: 3, 599: 2, 600: 4, 700: 1}
    bike, flight = Perk(opens_at=600), Restriction(closes_below=600)
    assert (reach(bike, people), reach(flight, people)) == (5, 5)
    assert (reach(Perk(opens_at=599), people), reach(Restriction(closes_below=599), people)) == (7, 3)
    bike.is_active = False
    assert (reach(bike, people), reach(flight, {})) == (0, 0)
