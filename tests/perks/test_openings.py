"""Moving thresholds: who did it stays known, and nobody overwrites what they have not read."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from citizens.models import AuditEntry, User
from perks.actions.openings import move_threshold
from perks.models import Perk, Restriction
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def bike():
    return Perk.objects.create(key="bike", name="Bicycle", opens_at=600)


def test_what_somebody_else_set_since_is_not_overwritten(bike):
    seen = {"threshold": 600, "is_active": True}
    move_threshold(acting_user=cast.second_clerk(), opening=bike, threshold=700, is_active=True, seen=seen)

    with pytest.raises(ValidationError, match="at 700 and in force now") as refusal:
        move_threshold(acting_user=cast.clerk(), opening=bike, threshold=620, is_active=True, seen=seen)

    assert refusal.value.code == "stale"
    assert Perk.objects.get().opens_at == 700
    assert AuditEntry.objects.get().actor == cast.second_clerk()


def test_what_somebody_deleted_is_refused_in_words(bike):
    Perk.objects.all().delete()
    with pytest.raises(ValidationError, match="Bicycle no longer exists"):
        move_threshold(acting_user=cast.clerk(), opening=bike, threshold=620, is_active=True)


def test_setting_what_is_set_already_leaves_no_trace(bike):
    move_threshold(acting_user=cast.clerk(), opening=bike, threshold=600, is_active=True)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("model", "field"), [(Perk, "opens_at"), (Restriction, "closes_below")])
def test_among_the_raw_records_a_threshold_is_set_once(client, model, field):
    client.force_login(User.objects.create_superuser("root"))
    page = f"admin:perks_{model._meta.model_name}"
    asked = {"key": "bike", "name": "Bicycle", field: 600, "is_active": "on"}
    client.post(reverse(f"{page}_add"), asked)

    client.post(reverse(f"{page}_change", args=[model.objects.get().pk]), {**asked, "name": "Bike", field: 900})

    changed = model.objects.get()
    assert (changed.name, getattr(changed, field), changed.is_active) == ("Bike", 600, True)


@pytest.mark.parametrize(("model", "field"), [(Perk, "opens_at"), (Restriction, "closes_below")])
@pytest.mark.parametrize("threshold", [0, 349, 951, 9999])
def test_a_threshold_off_the_scale_is_refused_in_words(model, field, threshold):
    with pytest.raises(ValidationError) as refusal:
        model(key="bike", name="Bicycle", **{field: threshold}).full_clean()
    assert refusal.value.message_dict == {field: ["The threshold must be from 350 to 950."]}


@pytest.mark.parametrize("model", [Perk, Restriction])
def test_an_entitlement_says_how_far_a_score_is_below_its_threshold(model):
    entitlement = model()
    entitlement.threshold = 600
    assert entitlement.threshold == getattr(entitlement, model.THRESHOLD) == 600
    assert [entitlement.missing_at(published) for published in (599, 600, 601)] == [1, 0, 0]
