"""The snapshot: what is kept and brought up to date is what reading everything anew gives, and damage is noticed."""

import datetime as dt
import errno
import logging
import os
import random
import re
import shutil
from contextlib import contextmanager
from dataclasses import fields, replace

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from citizens.actions.behaviours import retract
from citizens.actions.changes import announce
from citizens.actions.consent import grant_consent, withdraw_consent
from citizens.actions.people import leave
from citizens.actions.ties import end_tie
from citizens.enums import ChangeKind, TieKind
from citizens.models import Behaviour, Change, Consent, Source
from scoring import snapshot
from scoring.models import KeptFiles
from scoring.snapshot import Snapshot, arranging, files
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
    "somebody new whose consent nobody announced": lambda a, b, c: _unannounced_newcomer(),
    "somebody leaves": lambda a, b, c: leave(acting_user=cast.clerk(), citizen=c),
    "somebody is deleted": lambda a, b, c: b.delete(),
}


def _unannounced_newcomer():
    Consent.objects.create(citizen=cast.stranger(), source=cast.bank(), receipt="A form")
    return cast.observed(cast.stranger(), cast.bill_paid())


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


MOMENT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def observed_at(citizen, moment, *, amount=1.0, source=None, type=None, announced=1) -> Behaviour:
    """A behaviour as it comes from a source, consented or not."""
    behaviour = Behaviour.objects.create(
        citizen=citizen,
        type=type or cast.bill_paid(),
        source=source or cast.bank(),
        external_id=f"at-{Behaviour.objects.count()}",
        occurred_at=moment,
        amount=amount,
    )
    for _ in range(announced):
        announce(kind=ChangeKind.BEHAVIOUR, citizen=citizen, subject_id=behaviour.pk)
    return behaviour


def taken_back(behaviour) -> None:
    retract(acting_user=cast.clerk(), behaviour=behaviour, reason="No.")


def shop() -> Source:
    return Source.objects.get_or_create(key="shop", defaults={"name": "The shop"})[0]


@pytest.fixture
def read_again(monkeypatch):
    """Who is read again whole, each time that what is kept is brought up to date."""
    seen = []

    def own_rows(read, ids, type_ids):
        seen.append(ids.tolist())
        return arranging.own_rows(read, ids, type_ids)

    monkeypatch.setattr(snapshot, "own_rows", own_rows)
    return seen


@pytest.fixture
def before(people):
    """Alice and her sister have one behaviour at the moment, and what the shop says of Alice is refused; all kept."""
    kept = {person.key: observed_at(person, MOMENT) for person in people[:2]}
    kept["refused"] = observed_at(people[0], MOMENT, source=shop())
    files.save(snapshot.take())
    return kept


def many_of_one(a, b, kept):
    for hours in (5, -5, 1, 0):
        observed_at(a, MOMENT + dt.timedelta(hours=hours), amount=hours)
        observed_at(a, MOMENT + dt.timedelta(hours=hours), type=cast.loan_overdue())
    taken_back(a.behaviours.order_by("id").first())


def both_equal(a, b, kept):
    for _ in range(2):
        observed_at(a, MOMENT + dt.timedelta(hours=1))


ONE_BY_ONE = {
    "new ones of two": lambda a, b, kept: [observed_at(who, MOMENT + dt.timedelta(1)) for who in (a, b)],
    "the first and the last of a row": lambda a, b, kept: [
        observed_at(a, moment) for moment in (MOMENT - dt.timedelta(9999), timezone.now())
    ],
    "equal but for the amount": lambda a, b, kept: [observed_at(a, MOMENT, amount=amount) for amount in (2, -1, 0)],
    "two that are equal": both_equal,
    "retracted": lambda a, b, kept: taken_back(kept[a.key]),
    "retracted, another one new": lambda a, b, kept: [
        taken_back(kept[a.key]),
        observed_at(a, MOMENT + dt.timedelta(1)),
    ],
    "many of one": many_of_one,
    "new and refused": lambda a, b, kept: observed_at(a, MOMENT, source=shop()),
    "retracted and refused": lambda a, b, kept: taken_back(kept["refused"]),
}


@pytest.mark.parametrize("change", ONE_BY_ONE)
def test_behaviours_are_read_one_by_one(people, before, read_again, change):
    ONE_BY_ONE[change](*people[:2], before)
    assert columns(snapshot.take()) == columns(anew())
    assert read_again == [[]]


NOT_CERTAIN = {
    "equal to one that is there": lambda a, kept: observed_at(a, MOMENT),
    "announced twice": lambda a, kept: observed_at(a, MOMENT + dt.timedelta(1), announced=2),
    "announced again": lambda a, kept: announce(kind=ChangeKind.BEHAVIOUR, citizen=a, subject_id=kept[a.key].pk),
    "retracted as soon as it was there": lambda a, kept: taken_back(observed_at(a, MOMENT + dt.timedelta(1))),
    "retracted, never announced": lambda a, kept: taken_back(observed_at(a, MOMENT + dt.timedelta(1), announced=0)),
    "no behaviour named": lambda a, kept: [
        observed_at(a, MOMENT + dt.timedelta(1), announced=0),
        announce(kind=ChangeKind.BEHAVIOUR, citizen=a),
    ],
    "a behaviour that is not there": lambda a, kept: announce(kind=ChangeKind.BEHAVIOUR, citizen=a, subject_id=0),
    "somebody else's behaviour": lambda a, kept: announce(
        kind=ChangeKind.BEHAVIOUR, citizen=a, subject_id=cast.alices_colleague().behaviours.earliest("id").pk
    ),
    "with a consent": lambda a, kept: [
        observed_at(a, MOMENT, source=shop()),
        grant_consent(acting_user=cast.clerk(), citizen=a, source=shop(), receipt="A form"),
    ],
}


@pytest.mark.parametrize("change", NOT_CERTAIN)
def test_where_it_is_not_certain_the_citizen_is_read_again(people, before, read_again, change):
    NOT_CERTAIN[change](people[0], before)
    observed_at(people[1], MOMENT + dt.timedelta(2))
    assert columns(snapshot.take()) == columns(anew())
    assert read_again == [[people[0].pk]]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens(people, seed):
    """Much at a few moments, so that a lot is equal; kept now and then."""
    dice = random.Random(seed)
    for _ in range(12):
        for _ in range(dice.randrange(1, 7)):
            _something(dice, dice.choice(people))
        taken = snapshot.take()
        assert columns(taken) == columns(anew())
        if dice.random() < 0.6:
            files.save(taken)


def _something(dice, citizen) -> None:
    source, live = dice.choice([cast.bank(), shop()]), citizen.behaviours.live().order_by("id")
    what = dice.random()
    if what < 0.1:
        if citizen.consents.active().filter(source=source).exists():
            withdraw_consent(acting_user=cast.clerk(), citizen=citizen, source=source)
        else:
            grant_consent(acting_user=cast.clerk(), citizen=citizen, source=source, receipt="A form")
    elif what < 0.4 and live:
        taken_back(dice.choice(live))
    else:
        moment = MOMENT + dt.timedelta(hours=dice.randrange(3))
        kind = dice.choice([cast.bill_paid(), cast.loan_overdue()])
        announced = dice.choice([1, 1, 1, 2])
        observed_at(citizen, moment, amount=dice.choice([1, 2]), source=source, type=kind, announced=announced)


@pytest.mark.parametrize(("change", "is_much"), [("a behaviour", True), ("a tie that ends", True), ("a type", False)])
def test_much_news_is_read_anew(people, monkeypatch, change, is_much):
    calls = []
    monkeypatch.setattr(snapshot, "everybody", lambda read: calls.append(read) or arranging.everybody(read))
    for limit in ("FEW_CHANGES", "LARGEST_SHARE_OF_CITIZENS", "LARGEST_SHARE_OF_BEHAVIOURS"):
        monkeypatch.setattr(snapshot, limit, 0)
    (CHANGES | {"a type": lambda a, b, c: cast.loan_overdue()})[change](*people)
    snapshot.take()
    assert bool(calls) == is_much


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
            manifest.write_text(manifest.read_text().replace(f'"format": {files.FORMAT}', '"format": 0'))
    with caplog.at_level(logging.WARNING):
        assert files.load() is None
        assert columns(snapshot.take()) == columns(anew())
    assert "snapshot_damaged" in caplog.text
    snapshot.save(snapshot.take())
    assert columns(files.load()) == columns(anew())


def reasons(caplog) -> list[str]:
    return [record.reason for record in caplog.records if record.message.startswith("snapshot_")]


@pytest.mark.parametrize("place", ["behaviours", "pg_snapshot", "length", "known_at"])
def test_one_digit_of_the_manifest_is_noticed(people, place, caplog):
    """A digit of the moment it speaks of would hide what was written since, and nothing else would look wrong."""
    manifest = (files._home() / files.CURRENT).resolve() / files.MANIFEST
    text = manifest.read_text()
    digit = re.search(rf'"{place}": "?\d*(\d)', text).start(1)
    manifest.write_text(text[:digit] + str((int(text[digit]) + 1) % 10) + text[digit + 1 :])
    assert files.load() is None
    assert reasons(caplog) == [f"{files.MANIFEST} is not what was written"]


def an_unannounced_behaviour(citizen) -> None:
    Behaviour.objects.create(
        citizen=citizen, type=cast.bill_paid(), source=cast.bank(), external_id="x", occurred_at=timezone.now()
    )


def test_files_of_another_database_are_not_trusted(people, caplog):
    files.save(replace(snapshot.take(), tables="another"))
    an_unannounced_behaviour(people[0])
    assert snapshot.take().behaviours == 7
    assert "it is of another database" in reasons(caplog)[0]


def test_the_database_is_told_apart_from_others_of_its_server(people):
    with snapshot.reader() as read, connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        assert read.tables.split("/")[2] == str(cursor.fetchone()[0])


@pytest.mark.parametrize("ahead", ["{}:{}:", "{}:{}:{}"])
def test_what_has_seen_more_than_the_database_is_not_trusted(people, ahead, caplog):
    """The files of the database were put back as they were before these were written."""
    later = int(snapshot.take().pg_snapshot.split(":")[1]) + 1_000
    files.save(replace(snapshot.take(), pg_snapshot=ahead.format(later, later + 1, later)))
    cast.observed(people[0], cast.bill_paid())
    assert snapshot.take().behaviours == 7
    assert "it has seen more than the database" in reasons(caplog)[0]


def test_files_that_the_database_does_not_know_are_not_trusted(people, caplog):
    """The same, noticed although the database has come as far as they had since."""
    earlier = list(KeptFiles.objects.values_list("folder", flat=True))
    an_unannounced_behaviour(people[0])
    files.save(snapshot.take())
    KeptFiles.objects.update(folder=earlier[0])
    assert files.load() is None
    assert "the database does not know these files" in reasons(caplog)[0]
    assert snapshot.take().behaviours == 7


def no_folder(home) -> None:
    shutil.rmtree(home.parent)
    home.parent.write_text("This is no folder.")


def a_circle(home) -> None:
    shutil.rmtree(home)
    home.symlink_to(home)


@contextmanager
def somebody_else():
    """Root may enter any folder, so a test goes on as somebody who may not."""
    if os.geteuid():
        pytest.skip("Only root can become somebody else.")
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def kept_elsewhere(people, settings, tmp_path):
    settings.SESAME_VAR = tmp_path
    cast.a_rule_set()
    files.save(snapshot.take())
    return files._home()


@pytest.mark.parametrize("hinder", [no_folder, a_circle])
def test_a_folder_that_cannot_be_used_fails_no_run(kept_elsewhere, hinder, caplog):
    hinder(kept_elsewhere)
    assert cast.rescore().scored == 3
    assert caplog.text.count("snapshot_damaged") == 1
    assert caplog.text.count("snapshot_not_kept") == 1


def test_neither_does_a_folder_of_somebody_else(kept_elsewhere, caplog):
    taken = snapshot.take()
    kept_elsewhere.parent.chmod(0o700)
    with somebody_else():
        assert files.load() is None
        files.save(taken)
    assert reasons(caplog)[0].startswith("[Errno 13] Permission denied")
    assert caplog.text.count("snapshot_not_kept") == 1


def test_who_has_mapped_earlier_files_keeps_them(people):
    held = files.load()
    cast.observed(people[0], cast.bill_paid())
    files.save(snapshot.take())
    assert (held.behaviours, files.load().behaviours) == (6, 7)
    assert np.isfinite(held.population.events.amount).all()


def test_a_disk_that_refuses_is_logged_and_the_earlier_files_stay(people, monkeypatch, caplog):
    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    cast.observed(people[0], cast.bill_paid())
    monkeypatch.setattr(np, "save", full)
    with caplog.at_level(logging.WARNING):
        files.save(snapshot.take())
    assert "snapshot_not_kept" in caplog.text
    assert files.load().behaviours == 6
    assert len(list(files._home().iterdir())) == 2, "the link, and what it names"
