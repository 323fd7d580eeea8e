"""What the database itself holds of behaviours, whoever writes them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from citizens.models import Behaviour, Citizen
from tests import cast


@pytest.mark.django_db
def test_nobody_has_no_behaviours():
    behaviour = cast.observed(cast.alice(), cast.bill_paid())
    with pytest.raises(IntegrityError, match="A behaviour needs a citizen who exists"), transaction.atomic():
        Behaviour.objects.create(
            citizen_id=behaviour.citizen_id + 1, type=behaviour.type, source=behaviour.source, external_id="of nobody",
            occurred_at=behaviour.occurred_at,
        )  # fmt: skip
    assert Behaviour.objects.count() == 1


@pytest.mark.django_db
def test_behaviours_go_with_their_citizen_however_they_are_deleted():
    alice, sister = cast.alice(), cast.alices_sister()
    kept = cast.observed(sister, cast.bill_paid())
    cast.observed(alice, cast.bill_paid())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM citizens_consent WHERE citizen_id = %s", [alice.pk])
        cursor.execute("DELETE FROM citizens_citizen WHERE id = %s", [alice.pk])
    assert list(Behaviour.objects.all()) == [kept]


@pytest.mark.django_db
def test_behaviours_go_with_a_citizen_whom_django_deletes():
    kept, alice = cast.observed(cast.alices_sister(), cast.bill_paid()), cast.alice()
    cast.observed(alice, cast.bill_paid())
    deleted = alice.delete()[1]
    assert deleted["citizens.Behaviour"] == 1
    assert list(Behaviour.objects.all()) == [kept]


@pytest.mark.django_db
def test_no_citizen_gets_another_id_and_leaves_their_behaviours_behind():
    alice = cast.observed(cast.alice(), cast.bill_paid()).citizen
    with pytest.raises(IntegrityError, match="A citizen keeps their id"), transaction.atomic():
        Citizen.objects.filter(pk=alice.pk).update(id=alice.pk + 1)
    assert Citizen.objects.get() == alice


@pytest.mark.django_db(transaction=True)
def test_nobody_is_deleted_while_a_behaviour_of_theirs_arrives():
    alice = cast.alice()
    with transaction.atomic():
        cast.observed(alice, cast.bill_paid())
        with ThreadPoolExecutor(1) as elsewhere, pytest.raises(OperationalError, match="lock timeout"):
            elsewhere.submit(_deleted_at_once, alice.pk).result()
    assert (Citizen.objects.count(), Behaviour.objects.count()) == (1, 1)


def _deleted_at_once(pk: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
            cursor.execute("DELETE FROM citizens_citizen WHERE id = %s", [pk])
    finally:
        connection.close()
