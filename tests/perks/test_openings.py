"""Moving thresholds: who did it stays known, and nobody overwrites what they have not read."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from citizens.enums import AuditAction, HoldKind
from citizens.models import AuditEntry, Hold, User
from perks.actions.openings import approve_change, decline_change, move_threshold
from perks.models import Perk, Restriction, ThresholdChange
from tests import cast
from tests.pages import soup, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def bike():
    return Perk.objects.create(key="bike", name="Bicycle", opens_at=600)


def test_what_somebody_else_set_since_is_not_overwritten(bike):
    seen = {"threshold": 600, "is_active": True}
    cast.set_by_two(bike, 700)

    with pytest.raises(ValidationError, match="at 700 and in force now") as refusal:
        move_threshold(acting_user=cast.clerk(), opening=bike, threshold=620, is_active=True, seen=seen)

    assert refusal.value.code == "stale"
    assert Perk.objects.get().opens_at == 700
    asked, moved = AuditEntry.objects.order_by("id")
    assert (asked.action, moved.action) == (AuditAction.THRESHOLD_ASKED, AuditAction.THRESHOLD_MOVED)
    assert (asked.actor, moved.actor.username) == (cast.second_clerk(), "third-clerk")
    assert (moved.old["threshold"], moved.new["threshold"], moved.facts) == (600, 700, {"asked_by": "second-clerk"})


def test_what_somebody_deleted_is_refused_in_words(bike):
    Perk.objects.all().delete()
    with pytest.raises(ValidationError, match="Bicycle no longer exists"):
        move_threshold(acting_user=cast.clerk(), opening=bike, threshold=620, is_active=True)


def test_setting_what_is_set_already_leaves_no_trace(bike):
    move_threshold(acting_user=cast.clerk(), opening=bike, threshold=600, is_active=True)
    assert not AuditEntry.objects.exists()


IN_FORCE, OFF = True, False


@pytest.mark.parametrize(
    ("model", "before", "after", "takes_two"),
    [
        (Restriction, (500, IN_FORCE), (550, IN_FORCE), True),
        (Restriction, (500, OFF), (500, IN_FORCE), True),
        (Restriction, (500, OFF), (400, IN_FORCE), True),
        (Restriction, (500, IN_FORCE), (450, IN_FORCE), False),
        (Restriction, (500, IN_FORCE), (900, OFF), False),
        (Restriction, (500, OFF), (900, OFF), False),
        (Perk, (600, IN_FORCE), (620, IN_FORCE), True),
        (Perk, (600, IN_FORCE), (580, IN_FORCE), True),
        (Perk, (600, IN_FORCE), (600, OFF), True),
        (Perk, (600, OFF), (600, IN_FORCE), True),
        (Perk, (600, OFF), (700, OFF), False),
    ],
)
def test_what_holds_for_more_or_is_lost_by_some_takes_two(model, before, after, takes_two):
    opening = model(key="it", name="It", is_active=before[1])
    opening.threshold = before[0]
    opening.save()
    move_threshold(acting_user=cast.clerk(), opening=opening, threshold=after[0], is_active=after[1])
    opening.refresh_from_db()
    now = opening.threshold, opening.is_active
    assert (now, ThresholdChange.objects.pending().count()) == ((before, 1) if takes_two else (after, 0))
    for change in ThresholdChange.objects.pending():
        approve_change(acting_user=cast.second_clerk(), change=change)
    opening.refresh_from_db()
    assert (opening.threshold, opening.is_active) == after


def test_whoever_asked_or_is_not_independent_of_them_does_not_approve(bike, settings):
    change = cast.change_asked(cast.clerk(), bike, 700)
    with pytest.raises(ValidationError, match="You asked for this change"):
        approve_change(acting_user=cast.clerk(), change=change)
    settings.COOLING_DAYS = 1000
    with pytest.raises(ValidationError, match="so that others have the time to notice"):
        approve_change(acting_user=cast.second_clerk(), change=change)
    settings.COOLING_DAYS = 7
    Hold.objects.create(account=cast.second_clerk(), by=cast.clerk(), kind=HoldKind.PASSWORD)
    with pytest.raises(ValidationError, match="are not independent"):
        approve_change(acting_user=cast.second_clerk(), change=change)
    bike.refresh_from_db()
    assert bike.opens_at == 600


def test_what_was_set_otherwise_since_is_not_approved(bike):
    change = cast.change_asked(cast.clerk(), bike, 700)
    Perk.objects.update(opens_at=650)
    with pytest.raises(ValidationError, match="set otherwise after this was asked for"):
        approve_change(acting_user=cast.second_clerk(), change=change)
    with pytest.raises(ValidationError, match="waiting for a second person already"):
        move_threshold(acting_user=cast.second_clerk(), opening=bike, threshold=620, is_active=True)
    decline_change(acting_user=cast.second_clerk(), change=change)
    with pytest.raises(ValidationError, match="somebody has decided already"):
        approve_change(acting_user=cast.second_clerk(), change=change)
    assert Perk.objects.get().opens_at == 650


def test_a_change_is_asked_for_and_approved_in_the_console(client, bike):
    cast.change_asked(cast.clerk(), bike, 700)
    client.force_login(cast.clerk())
    page = client.get(reverse("console:perks"))
    assert "Bicycle, from 600 to 700: clerk asked for it" in text(page)
    assert [button.text for button in soup(page).select("#pending ~ ul button")] == ["Take it back"]
    client.force_login(cast.second_clerk())
    page = client.get(reverse("console:perk-edit", args=["perk", "bike"]))
    approve, decline = (form["action"] for form in soup(page).select("#pending ~ ul form"))
    assert "Approved." in text(client.post(approve, follow=True))
    assert Perk.objects.get().opens_at == 700
    assert "somebody has decided already" in text(client.post(decline, follow=True))


def test_what_is_in_force_is_not_deleted_among_the_raw_records(client, bike):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    address = reverse("admin:perks_perk_delete", args=[bike.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    several = {"action": "delete_selected", "_selected_action": [bike.pk], "post": "yes"}
    client.post(reverse("admin:perks_perk_changelist"), several)
    assert Perk.objects.exists()
    Perk.objects.update(is_active=False)
    client.post(address, {"post": "yes"})
    assert not Perk.objects.exists()


def test_a_change_is_decided_once(bike):
    change = cast.change_asked(cast.clerk(), bike, 700)
    rows = ThresholdChange.objects.filter(pk=change.pk)
    with pytest.raises(IntegrityError, match="decided once"), transaction.atomic():
        rows.update(threshold=900)
    decline_change(acting_user=cast.clerk(), change=change)
    with pytest.raises(IntegrityError, match="decided once"), transaction.atomic():
        rows.update(decided_by=cast.second_clerk())


@pytest.mark.parametrize(("model", "field"), [(Perk, "opens_at"), (Restriction, "closes_below")])
def test_among_the_raw_records_a_threshold_is_set_once(client, model, field):
    client.force_login(User.objects.create_superuser("root"))
    page = f"admin:perks_{model._meta.model_name}"
    asked = {"key": "bike", "name": "Bicycle", field: 600, "is_active": "on"}
    client.post(reverse(f"{page}_add"), asked)
    assert not model.objects.get().is_active, "two people switch it on"

    client.post(reverse(f"{page}_change", args=[model.objects.get().pk]), {**asked, "name": "Bike", field: 900})

    changed = model.objects.get()
    assert (changed.name, getattr(changed, field), changed.is_active) == ("Bike", 600, False)


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
