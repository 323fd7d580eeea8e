"""The snapshot: what is kept and brought up to date is what reading everything anew gives, and damage is noticed."""

import logging
from dataclasses import fields

import numpy as np
import pytest
from django.utils import timezone

from citizens.actions.behaviours import retract
from citizens.actions.consent import withdraw_consent
from citizens.actions.people import leave
from citizens.actions.ties import end_tie
from citizens.enums import ChangeKind, TieKind
from citizens.models import Behaviour, Change
from scoring import snapshot
from scoring.snapshot import Snapshot, files
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    """Alice, her sister and her colleague know one another; two bills each."""
    people = [cast.alice(), cast.alices_sister(), cast.alices_colleague()]
    for person in people:
        for _ in range(2):
            cast.observed(person, cast.bill_paid())
    cast.know_each_other(people[0], people[1], TieKind.SIBLING, strength=0.5)
    cast.know_each_other(people[0], people[2], TieKind.COLLEAGUE)
    files.save(snapshot.take())
    return people


def columns(taken: Snapshot) -> dict[str, list]:
    population = taken.population
    parts = {"ids": taken.citizen_ids, "types": taken.type_ids, "eligible": population.eligible}
    for part in (population.events, population.ties):
        parts |= {f"{type(part).__name__} {field.name}": getattr(part, field.name) for field in fields(part)}
    return {name: column.tolist() for name, column in parts.items()}


def anew() -> Snapshot:
    with snapshot.reader() as read:
        return snapshot.current(None, read)


def test_nothing_changed(people):
    assert columns(snapshot.take()) == columns(anew()) == columns(files.load())
    assert (snapshot.take().behaviours, snapshot.take().ties) == (6, 2)


CHANGES = {
    "a behaviour": lambda a, b, c: cast.observed(a, cast.loan_overdue(), days_ago=400),
    "a retraction": lambda a, b, c: retract(
        acting_user=cast.clerk(), behaviour=a.behaviours.order_by("id").first(), reason="No."
    ),
    "a consent withdrawn": lambda a, b, c: withdraw_consent(acting_user=cast.clerk(), citizen=b, source=cast.bank()),
    "a tie that ends": lambda a, b, c: end_tie(acting_user=cast.clerk(), tie=a.ties_as_first.order_by("id").first()),
    "a new tie": lambda a, b, c: cast.know_each_other(b, c, TieKind.PARENT, strength=0.25),
    "somebody new": lambda a, b, c: cast.know_each_other(a, _newcomer()),
    "somebody leaves": lambda a, b, c: leave(acting_user=cast.clerk(), citizen=c),
    "somebody is deleted": lambda a, b, c: b.delete(),
}


def _newcomer():
    stranger = cast.stranger()
    cast.observed(stranger, cast.loan_overdue())
    return stranger


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_kept_is_brought_up_to_date(people, change):
    before = columns(snapshot.take())
    CHANGES[change](*people)
    assert columns(snapshot.take()) == columns(anew())
    assert columns(snapshot.take()) != before
    files.save(snapshot.take())
    assert columns(snapshot.take()) == columns(anew())


def test_all_of_it_together(people):
    for name in ("a behaviour", "a new tie", "somebody new", "a retraction", "a tie that ends", "a consent withdrawn"):
        CHANGES[name](*people)
    assert columns(snapshot.take()) == columns(anew())


def test_an_import_is_read_anew(people):
    Behaviour.objects.create(
        citizen=people[0], type=cast.bill_paid(), source=cast.bank(), external_id="x", occurred_at=timezone.now()
    )
    assert snapshot.take().behaviours == 6
    Change.objects.create(kind=ChangeKind.IMPORT)
    assert snapshot.take().behaviours == 7


@pytest.mark.parametrize("damage", ["a flipped byte", "a missing column", "a torn manifest", "another format"])
def test_damage_is_noticed_and_mended(people, damage, caplog):
    folder = (files._home() / files.CURRENT).resolve()
    column, manifest = folder / "ties.strength.npy", folder / files.MANIFEST
    match damage:
        case "a flipped byte":
            data = bytearray(column.read_bytes())
            data[-1] ^= 1
            column.write_bytes(bytes(data))
        case "a missing column":
            column.unlink()
        case "a torn manifest":
            manifest.write_text(manifest.read_text()[:100])
        case "another format":
            manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 0'))
    with caplog.at_level(logging.WARNING):
        assert files.load() is None
        assert columns(snapshot.take()) == columns(anew())
    assert "snapshot_damaged" in caplog.text
    snapshot.save(snapshot.take())
    assert columns(files.load()) == columns(anew())


def test_files_of_another_database_are_not_trusted(people):
    manifest = (files._home() / files.CURRENT).resolve() / files.MANIFEST
    manifest.write_text(manifest.read_text().replace('"tables": "', '"tables": "1'))
    people[0].behaviours.all()
    Behaviour.objects.create(
        citizen=people[0], type=cast.bill_paid(), source=cast.bank(), external_id="x", occurred_at=timezone.now()
    )
    assert snapshot.take().behaviours == 7


def test_who_has_mapped_earlier_files_keeps_them(people):
    held = files.load()
    cast.observed(people[0], cast.bill_paid())
    files.save(snapshot.take())
    assert (held.behaviours, files.load().behaviours) == (6, 7)
    assert np.isfinite(held.population.events.amount).all()
