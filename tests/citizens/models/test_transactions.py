"""Rows that a dump brought from another cluster come before all that is written in this one."""

import psycopg
import pytest
from django.db import connection, transaction

from citizens.actions.sealing import seal_entries, verify_chain
from citizens.enums import ChangeKind
from citizens.models import AuditEntry, Change, DatabaseCluster
from citizens.models.transactions import TRANSACTIONS_PER_CLUSTER
from scoring import snapshot
from scoring.followers import following, stream
from scoring.followers.registry import followers
from scoring.live import worker
from scoring.models import FollowerPlace, Movement, Segment
from sesame_site.kit.database.dsn import libpq_uri
from tests import cast
from tests.worker import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

FAR_AHEAD = 10**9


def of_another_cluster(*models) -> None:
    """As if a dump had brought all rows here from a cluster that had come much further than this one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in models:
            cursor.execute(f"UPDATE {model._meta.db_table} SET xid = xid + {FAR_AHEAD}")
    DatabaseCluster.objects.create(number=0, system_identifier=1)


def seen() -> str:
    with snapshot.reader() as read:
        return read.pg_snapshot


def test_without_a_restore_the_numbers_are_those_of_postgresql():
    with transaction.atomic(), connection.cursor() as cursor:
        change = Change.objects.create(kind=ChangeKind.IMPORT)
        cursor.execute("SELECT pg_current_xact_id()::text::int8")
        assert cursor.fetchone() == (Change.objects.get(pk=change.pk).xid,)


def test_changes_of_another_cluster_are_visible_and_later_ones_come_after_them():
    old = Change.objects.create(kind=ChangeKind.IMPORT)
    of_another_cluster(Change)
    before = seen()
    assert list(Change.objects.visible_in(before)) == [old]
    new = Change.objects.create(kind=ChangeKind.IMPORT)
    assert list(Change.objects.visible_in(before)) == [old]
    assert list(Change.objects.not_visible_in(before)) == [new]
    assert set(Change.objects.visible_in(seen())) == {old, new}
    with snapshot.reader() as read:
        assert not read.changes_since(before).is_bounded, "the new one alone"
        assert read.changes_since(read.pg_snapshot).is_bounded, "none"


def test_the_cluster_is_noted_once_however_many_write_first():
    of_another_cluster()
    with psycopg.connect(libpq_uri(), autocommit=True) as one, psycopg.connect(libpq_uri()) as other:
        numbers = [on.execute("SELECT citizens_transaction_number()").fetchone()[0] for on in (one, other, one)]
    assert [number // TRANSACTIONS_PER_CLUSTER for number in numbers] == [1, 1, 1]
    assert list(DatabaseCluster.objects.values_list("number", flat=True)) == [0, 1]


def test_going_back_to_an_earlier_cluster_goes_on():
    of_another_cluster()
    Change.objects.create(kind=ChangeKind.IMPORT)
    DatabaseCluster.objects.create(number=2, system_identifier=1)
    assert Change.objects.create(kind=ChangeKind.IMPORT).xid // TRANSACTIONS_PER_CLUSTER == 3


def test_reading_writes_nothing_about_the_cluster():
    of_another_cluster()
    seen()
    assert list(Change.objects.visible_in(seen())) == []
    assert DatabaseCluster.objects.count() == 1


def test_scores_and_followers_go_on_after_a_restore():
    cast.a_rule_set()
    citizen, _ = cast.partners()
    cast.rescore()
    of_another_cluster(Change, Movement, Segment)
    place, counts = FollowerPlace(name="movement-counts"), followers["movement-counts"]
    cast.rescore()
    assert not Change.objects.pending().exists()
    live = worker.catch_up(None)[0]
    cast.observed(citizen, cast.bill_paid(), amount=5, days_ago=0)
    assert worker.catch_up(live)[1] == 1
    wait_until(lambda: following.catch_up(counts) or not _lag(place), what="older transactions to end")
    assert place.xid > TRANSACTIONS_PER_CLUSTER


def _lag(place: FollowerPlace) -> int:
    place.refresh_from_db()
    return stream.lag(place).movements


def test_sealing_goes_on_after_a_restore():
    cast.a_rule_set()
    cast.partners()
    cast.rescore()
    of_another_cluster(AuditEntry)
    assert seal_entries() == AuditEntry.objects.count(), "nobody here can still be writing any of them"
    cast.rescore()
    wait_until(lambda: seal_entries() > 0, what="older transactions to end")
    assert (verify_chain().fault, verify_chain().unsealed) == ("", 0)
