"""What a draft does to perks and restrictions, counted over published scores."""

import numpy as np
import pytest

from observatory.effects import Effect, effects
from perks.models import Perk, Restriction

pytestmark = pytest.mark.django_db
BEFORE = np.array([600, 599, 500, -1, 700], dtype=np.int16)
AFTER = np.array([599, 600, -1, 700, 700], dtype=np.int16)


def test_perks_open_at_their_threshold_and_never_for_the_unscored():
    bike = Perk.objects.create(key="bike", name="Bicycle", opens_at=600)
    assert effects(BEFORE, AFTER) == [Effect(bike, before=2, after=3, gained=2, lost=1)]


def test_restrictions_apply_below_and_never_to_the_unscored():
    flight = Restriction.objects.create(key="flight", name="No flights", closes_below=600)
    assert effects(BEFORE, AFTER) == [Effect(flight, before=2, after=1, gained=1, lost=2)]


def test_what_is_switched_off_has_no_effect():
    Perk.objects.create(key="bike", name="Bicycle", opens_at=600, is_active=False)
    assert effects(BEFORE, AFTER) == []


def test_two_queries_however_many_there_are(django_assert_num_queries):
    for number in range(5):
        Perk.objects.create(key=f"perk-{number}", name="Perk", opens_at=600)
    with django_assert_num_queries(2):  # perks, restrictions
        assert len(effects(BEFORE, AFTER)) == 5
