"""What a database that is in use already goes through when a consent gets an origin of its own."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import cast

BEFORE, AFTER = ("citizens", "0003_database"), ("citizens", "0004_consent_origin")
LONG = "x" * 190
RECEIPTS = {
    "Import of june.csv": ("import", "june.csv"),
    f"Import of {LONG}": ("import", LONG),
    "The consents page of the citizen portal": ("portal", ""),
    "Invented with the person, by the generator": ("town", ""),
    "Leaflet 3, about the Import of furniture": ("form", "Leaflet 3, about the Import of furniture"),
}


def migrated_to(target):
    executor = MigrationExecutor(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    apps = executor.migrate([target]).apps
    return apps.get_model("citizens", "Consent").objects


@pytest.mark.django_db
def test_receipts_of_old_become_origins_and_go_back():
    source = cast.bank()
    people = [cast.person(f"c-{number}", signs_in=False) for number in range(len(RECEIPTS))]
    consents = migrated_to(BEFORE)
    for person, receipt in zip(people, RECEIPTS, strict=True):
        consents.create(citizen_id=person.pk, source_id=source.pk, receipt=receipt)

    consents = migrated_to(AFTER)
    found = {given.citizen_id: (given.origin, given.receipt) for given in consents.all()}
    assert found == {person.pk: now for person, now in zip(people, RECEIPTS.values(), strict=True)}

    consents = migrated_to(BEFORE)
    assert {given.citizen_id: given.receipt for given in consents.all()} == {
        person.pk: receipt for person, receipt in zip(people, RECEIPTS, strict=True)
    }
