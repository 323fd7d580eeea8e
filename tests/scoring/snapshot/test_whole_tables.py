"""Whole tables read in parts on several lines: the same rows as by citizen, all of one moment."""

from dataclasses import fields

import numpy as np
import pytest
from django.utils import timezone

from citizens.models import Behaviour, Tie
from scoring import snapshot
from scoring.snapshot import whole
from scoring.snapshot.arranging import everybody, own_rows, tie_rows
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, EACH = 60, 12


@pytest.fixture
def town(monkeypatch):
    """People whose rows fill some pages, every page a part, and three lines to read them on."""
    people = [cast.person(f"whole-{number}", signs_in=False) for number in range(PEOPLE)]
    kinds = [cast.bill_paid(), cast.loan_overdue()]
    for person in people[:-1]:
        cast.consent(person)
    Behaviour.objects.bulk_create(
        Behaviour(
            citizen=person,
            type=kinds[number % 2],
            source=cast.bank(),
            external_id=f"{person.key}-{number}",
            occurred_at=timezone.now(),
            amount=number / 7,
            retracted_at=timezone.now() if number == 0 else None,
        )
        for person in people
        for number in range(EACH)
    )
    now = timezone.now()
    roles = ["neighbour", "sibling", "friend", "colleague", "parent"]
    Tie.objects.bulk_create(
        Tie(
            first=people[i],
            second=people[j],
            kind=roles[(i + j) % 5],
            strength=1 / j,
            started_at=now,
            since=now if j % 2 else None,
        )
        for j in range(1, PEOPLE)
        for i in range(max(0, j - 9), j)
    )
    monkeypatch.setattr(whole, "PAGES_PER_PART", 1)
    monkeypatch.setattr(whole, "processors", lambda: 3)
    return people


def same(one, other) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))


def test_the_same_rows_as_by_citizen(town):
    with snapshot.reader() as read:
        ids, type_ids, population = everybody(read)
        events, eligible = own_rows(read, ids, type_ids)
        assert len(read.all_behaviours(len, timezone.now())) > 3, "parts"
        assert same(population.events, events)
        assert same(population.ties, tie_rows(read, ids, np.arange(len(ids))))
        assert population.eligible.tolist() == eligible.tolist()
    # Without those retracted, and without those of who does not consent.
    assert len(events.kind) == (PEOPLE - 1) * (EACH - 1)
    assert len(population.ties.other) == 2 * Tie.objects.count()


def test_all_connections_see_the_same_moment(town):
    with snapshot.reader() as read:
        before = everybody(read)[2]
        cast.observed(town[0], cast.bill_paid())
        Tie.objects.filter(first=town[0]).update(ended_at=timezone.now())
        again = everybody(read)[2]
    assert same(before.events, again.events)
    assert same(before.ties, again.ties)
    after = snapshot.take()
    assert (after.behaviours, after.ties) == (len(before.events.kind) + 1, len(before.ties.other) // 2 - 9)


def test_what_goes_wrong_on_one_connection_is_raised(town):
    def refuse(part):
        raise ZeroDivisionError

    with snapshot.reader() as read, pytest.raises(ZeroDivisionError):
        read.all_ties(refuse, timezone.now())


def test_a_value_that_is_null_is_refused_rather_than_shifted(town):
    columns = {"id": ("int8send(id)", "i8"), "ended": ("timestamptz_send(ended_at)", "i8")}
    Tie.objects.filter(first=town[0]).update(ended_at=timezone.now())
    with (
        snapshot.open_connection() as connection,
        connection.cursor() as cursor,
        pytest.raises(ValueError, match="null"),
    ):
        whole.each_part(cursor, whole.Table("citizens_tie", columns, "true"), dict)
