"""The chain of hashes over the audit trail: whatever SQL does to a sealed entry is found, and the entry named."""

import json
import threading

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from citizens.actions.audit import record
from citizens.actions.people import forget
from citizens.actions.sealing import seal_entries, verify_chain
from citizens.enums import AuditAction, SubjectKind
from citizens.models import AuditEntry, AuditSeal
from sesame_site.kit.cli import Found
from tests import cast
from tests.beside import in_a_thread
from tests.worker import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def entries(count: int = 5) -> list[AuditEntry]:
    return [
        record(actor=None, action=AuditAction.TOWN_BUILT, subject=SubjectKind.TOWN, citizens=number, share=0.1 * number)
        for number in range(count)
    ]


def seal_all() -> int:
    """Seal what there is, once older transactions of anybody on the same server have ended; returns how many links."""
    wait_until(lambda: seal_entries() >= 0 and verify_chain().unsealed == 0, what="everything to be sealed")
    return AuditSeal.objects.count()


@pytest.fixture
def sealed() -> list[AuditEntry]:
    found = entries()
    assert seal_all() == 5
    return found


def as_superuser(statement: str, *values: object) -> None:
    """With triggers off, as only a superuser can."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


def test_a_whole_chain_is_found_whole(sealed):
    verdict = verify_chain()
    assert (verdict.checked, verdict.unsealed, verdict.fault) == (5, 0, "")
    assert verdict.head == AuditSeal.objects.get(position=5).hash
    entries(2)
    assert verify_chain().unsealed == 2
    assert seal_all() == 7
    assert seal_entries() == 0
    assert verify_chain().checked == 7


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'another'",
        "at = at + interval '1 microsecond'",
        "facts = '{}'",
        "actor_id = NULL, action = 'run.started'",
        "new = '1'",
        "citizen_id = 7",
        "subject_name = 'x'",
    ],
)
def test_whatever_is_changed_is_found(sealed, change):
    as_superuser(f"UPDATE citizens_auditentry SET {change} WHERE id = %s", sealed[2].pk)
    verdict = verify_chain()
    assert (verdict.entry, verdict.checked) == (sealed[2].pk, 2)
    assert "was changed" in verdict.fault


def test_an_entry_that_was_removed_is_named(sealed):
    as_superuser("DELETE FROM citizens_auditentry WHERE id = %s", sealed[3].pk)
    verdict = verify_chain()
    assert (verdict.entry, verdict.fault) == (sealed[3].pk, f"Entry {sealed[3].pk} was removed.")


def test_an_entry_removed_with_its_link_is_found(sealed):
    as_superuser("DELETE FROM citizens_auditentry WHERE id = %s", sealed[3].pk)
    as_superuser("DELETE FROM citizens_auditseal WHERE entry_id = %s", sealed[3].pk)
    verdict = verify_chain()
    assert "position 4 of the chain was removed" in verdict.fault


def test_the_newest_removed_without_a_trace_is_found_by_what_was_noted(sealed):
    noted = verify_chain()
    as_superuser("DELETE FROM citizens_auditentry WHERE id = %s", sealed[4].pk)
    as_superuser("DELETE FROM citizens_auditseal WHERE position = 5")
    assert "its newest entries were removed" in verify_chain().fault
    as_superuser("UPDATE citizens_audithead SET position = 4, hash = %s", AuditSeal.objects.get(position=4).hash)
    assert verify_chain().fault == ""
    assert "before the one that was noted" in verify_chain(noted=(noted.position, noted.head)).fault


def test_a_chain_that_was_rewritten_whole_is_found_by_what_was_noted(sealed):
    noted = verify_chain()
    as_superuser("UPDATE citizens_auditentry SET reason = 'never' WHERE id = %s", sealed[0].pk)
    as_superuser("DELETE FROM citizens_auditseal WHERE position > 0")
    seal_all()
    assert verify_chain().fault == ""
    assert "not the one that was noted" in verify_chain(noted=(noted.position, noted.head)).fault


def test_an_entry_inserted_into_the_past_is_named(sealed):
    columns = "at, action, subject_kind, subject_name, reason, facts, xid"
    as_superuser(
        f"INSERT INTO citizens_auditentry ({columns})"
        " SELECT at, action, subject_kind, subject_name, 'forged', facts, xid"
        " FROM citizens_auditentry WHERE id = %s",
        sealed[1].pk,
    )
    forged = AuditEntry.objects.get(reason="forged")
    entries(1)
    seal_entries()
    verdict = verify_chain()
    assert (verdict.entry, verdict.fault) == (forged.pk, f"Entry {forged.pk} was inserted after its time.")


def test_nobody_edits_the_trail_without_being_a_superuser(sealed):
    for statement in ("UPDATE citizens_auditentry SET reason = ''", "DELETE FROM citizens_auditseal"):
        with pytest.raises(Exception, match="Cannot "), connection.cursor() as cursor:
            cursor.execute(statement)


def test_what_commits_late_is_sealed_in_its_turn_and_nobody_waits():
    """A writer began first and commits last: what could still be overtaken is left out, and nothing is lost."""
    began, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            entries(1)
            began.set()
            assert may_commit.wait(20)

    writer = in_a_thread(slow)
    writer.start()
    assert began.wait(20)
    entries(3)
    assert seal_entries() == 0
    may_commit.set()
    writer.join()
    assert seal_all() == 4
    assert verify_chain() == verify_chain(noted=(4, AuditSeal.objects.get(position=4).hash))
    order = list(AuditSeal.objects.order_by("position").values_list("entry_xid", flat=True))
    assert order == sorted(order)


def test_several_who_seal_at_once_make_one_chain():
    writers = [in_a_thread(lambda: entries(20)) for _ in range(4)]
    sealers = [in_a_thread(seal_entries) for _ in range(4)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in (*writers, *sealers):
        thread.join()
    seal_all()
    assert (verify_chain().checked, verify_chain().fault) == (80, "")


def test_who_is_forgotten_leaves_the_chain_whole():
    alice, clerk = cast.alice(), cast.clerk()
    record(actor=clerk, action=AuditAction.SCORE_VIEWED, subject=alice, citizen=alice, reason="They asked.")
    seal_all()
    forget(acting_user=clerk, citizen=alice, key="alice")
    seal_all()
    assert (verify_chain().checked, verify_chain().fault) == (2, "")


def test_the_command_says_what_it_found(sealed, capsys):
    call_command("verify_audit", json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["checked"], told["unsealed"]) == (5, 0)
    call_command("verify_audit", noted=told["head"])
    as_superuser("UPDATE citizens_auditentry SET reason = 'x' WHERE id = %s", sealed[0].pk)
    with pytest.raises(Found, match=f"Entry {sealed[0].pk} was changed"):
        call_command("verify_audit")


def test_a_seal_that_lies_about_the_transaction_is_found(sealed):
    as_superuser("UPDATE citizens_auditseal SET entry_xid = 3 WHERE position = 5")
    assert verify_chain().entry == sealed[4].pk


@pytest.mark.parametrize("noted", ["", "5", "5:abc", "0:" + "a" * 64, "x:" + "a" * 64, "5:" + "A" * 64])
def test_a_head_that_is_none_is_refused(noted):
    with pytest.raises(CommandError, match="POSITION:HASH"):
        call_command("verify_audit", noted=noted)
