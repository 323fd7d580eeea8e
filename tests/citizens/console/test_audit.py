"""The console's page of the audit trail, its exports, and what gets into it: raw edits, and looks at people."""

import csv
import datetime as dt
import io
import json

import pytest
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from oauth2_provider.models import AccessToken, Application

from citizens.actions.audit import record
from citizens.actions.people import forget
from citizens.enums import AuditAction, Role
from citizens.models import AuditEntry, Source
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/console/audit/"


@pytest.fixture
def auditor(client):
    user = cast.account("auditor", Role.AUDITOR)
    client.force_login(user)
    return user


def an_entry(**values):
    given = {"actor": cast.clerk(), "action": AuditAction.CONSENT_GRANTED, "subject": cast.bank(), **values}
    return record(**given)


def text(client, **query) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_an_empty_trail_says_so(client, auditor):
    assert "Nothing has been recorded yet." in text(client)


def test_entries_are_found_by_who_what_whom_and_when(client, auditor):
    alice = cast.alice()
    an_entry(reason="about the bank")
    an_entry(actor=cast.second_clerk(), reason="by the second clerk")
    an_entry(subject=alice, citizen=alice, action=AuditAction.SCORE_VIEWED, reason="about Alice")
    old = an_entry(reason="long ago")
    with_triggers_off(old, at=timezone.now() - dt.timedelta(days=10))
    found = {
        "by the second clerk": {"actor": "second-clerk"},
        "about Alice": {"citizen": "alice"},
        "long ago": {"until": f"{timezone.now() - dt.timedelta(days=5):%Y-%m-%dT%H:%M}"},
    }
    for reason, query in found.items():
        page = text(client, **query)
        assert [one in page for one in found] == [one == reason for one in found], query
    assert "about Alice" in text(client, action="citizen.score_viewed")
    assert "about the bank" not in text(client, action="citizen.score_viewed")
    assert "about Alice" not in text(client, kind="citizens.source", number=cast.bank().pk)


def with_triggers_off(entry: AuditEntry, **values) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        AuditEntry.objects.filter(pk=entry.pk).update(**values)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"actor": "nobody"}, "There is no account of this name."),
        ({"citizen": "nobody"}, "No citizen has this key."),
        ({"action": "dance"}, "Select a valid choice"),
        ({"number": "0"}, "greater than or equal to 1"),
        ({"number": "9" * 40}, "less than or equal to"),
        ({"since": "yesterday"}, "Enter a valid date/time."),
        ({"since": "2026-02-02T00:00", "until": "2026-01-01T00:00"}, "before the moment from which to look"),
        ({"actor": "x" * 200}, "at most 150 characters"),
    ],
)
def test_a_wrong_filter_is_said_at_the_field_and_kept(client, auditor, query, reason):
    answer = client.get(PAGE, query)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert reason in page
    assert next(iter(query.values())) in page or "action" in query


def test_pages_follow_each_other_without_a_gap(client, auditor):
    for number in range(120):
        an_entry(reason=f"reason-{number:03d}")
    seen, address = [], PAGE
    while address:
        page = client.get(address).content.decode()
        seen += [f"reason-{number:03d}" for number in range(120) if f"reason-{number:03d}" in page]
        older = page.partition('">Next page')[0].rpartition('href="')[2]
        address = PAGE + older.replace("&amp;", "&") if ">Next page" in page else ""
    assert sorted(seen) == [f"reason-{number:03d}" for number in range(120)]


def test_queries_of_a_page_do_not_grow_with_the_trail(client, auditor, django_assert_num_queries):
    for _ in range(60):
        an_entry()
    # Session, account; savepoint, read-only, roles, entries with their actors, back; citizen, synthetic.
    with django_assert_num_queries(11):
        client.get(PAGE)


def test_what_is_filtered_is_taken_along_as_csv_and_ndjson(client, auditor):
    alice = cast.alice()
    an_entry(subject=alice, citizen=alice, action=AuditAction.SCORE_VIEWED, reason="=1+1", old={"a": 1}, new=[2])
    an_entry()
    query = {"citizen": "alice"}
    rows = list(csv.DictReader(io.StringIO(whole(client.get(PAGE, query | {"format": "csv"})))))
    assert [(row["reason"], row["actor"], json.loads(row["old"])) for row in rows] == [("'=1+1", "clerk", {"a": 1})]
    lines = whole(client.get(PAGE, query | {"format": "ndjson"})).splitlines()
    assert [json.loads(line)["reason"] for line in lines] == ["=1+1"]
    assert json.loads(lines[0])["citizen"] == alice.pk


def whole(answer) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def test_raw_edits_of_what_is_governed_are_in_the_trail(client):
    root = cast.account("root", is_staff=True, is_superuser=True)
    client.force_login(root)
    kind = cast.bill_paid()
    address = reverse("admin:citizens_behaviourtype_change", args=[kind.pk])
    values = {"key": kind.key, "name": "Paid", "context": kind.context, "unit": "bill", "description": ""}
    assert client.post(address, values).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject_id) == (root, AuditAction.RECORD_CHANGED, kind.pk)
    assert (entry.old, entry.new) == ({"name": kind.name, "unit": kind.unit}, {"name": "Paid", "unit": "bill"})
    client.post(address, values)
    assert AuditEntry.objects.count() == 1, "saving what is there leaves no trace"
    client.post(reverse("admin:citizens_source_add"), {"key": "shop", "name": "The shop", "contexts": ["shopping"]})
    added = AuditEntry.objects.latest("id")
    assert (added.action, added.subject_id) == (AuditAction.RECORD_ADDED, Source.objects.get(key="shop").pk)
    assert added.new["contexts"] == ["shopping"]


def test_secrets_of_applications_are_not_told_and_deletions_are_kept(client):
    root = cast.account("root", is_staff=True, is_superuser=True)
    client.force_login(root)
    application = Application.objects.create(
        name="Bank",
        client_secret="very secret",
        client_type="confidential",
        authorization_grant_type="client-credentials",
    )
    address = reverse("admin:oauth2_provider_application_delete", args=[application.pk])
    client.post(address, {"post": "yes"})
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id) == (AuditAction.RECORD_DELETED, application.pk)
    assert entry.old["name"] == "Bank"
    assert "very secret" not in json.dumps(entry.old)
    assert "pbkdf2" not in json.dumps(entry.old)


def test_a_password_that_is_set_is_in_the_trail(client):
    root = cast.account("root", is_staff=True, is_superuser=True)
    client.force_login(root)
    vera = cast.account("vera")
    address = reverse("admin:auth_user_password_change", args=[vera.pk])
    answer = client.post(
        address, {"password1": "a-long-one-17", "password2": "a-long-one-17", "usable_password": "true"}
    )
    assert answer.status_code == 302
    assert AuditEntry.objects.get(action=AuditAction.PASSWORD_SET).subject_id == vera.pk


def test_a_password_that_was_not_set_is_not_in_the_trail(client):
    """Without the button that takes the password away, the form contradicts itself, which Django answers with a 302."""
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    vera = cast.account("vera")
    answer = client.post(reverse("admin:auth_user_password_change", args=[vera.pk]), {"usable_password": "false"})
    assert answer.status_code == 302
    vera.refresh_from_db()
    assert vera.check_password(cast.PASSWORD)
    assert not AuditEntry.objects.exists()


def test_a_score_is_shown_to_who_says_why_and_that_is_recorded(client, auditor):
    alice = cast.alice()
    address = reverse("console:explanation", args=[alice.pk])
    assert "Why do you look" in client.get(address).content.decode()
    refused = client.post(address, {"reason": "  "})
    assert (refused.status_code, AuditEntry.objects.count()) == (422, 0)
    answer = client.post(address, {"reason": "She asked me to."})
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert "Why do you look" not in client.get(address).content.decode()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.citizen_id, entry.reason) == (
        auditor,
        AuditAction.SCORE_VIEWED,
        alice.pk,
        "She asked me to.",
    )
    client.get(address)
    assert AuditEntry.objects.count() == 1
    other = reverse("console:explanation", args=[cast.stranger().pk])
    assert "Why do you look" in client.get(other).content.decode()


def test_a_line_break_in_a_reason_counts_as_the_one_character_that_it_is(client):
    """A browser lets 500 characters be typed, and sends each line break among them as two."""
    client.force_login(cast.clerk())
    address = reverse("console:explanation", args=[cast.alice().pk])
    refused = client.post(address, {"reason": "x" * 501})
    assert refused.context["form"].errors == {"reason": ["At most 500 characters; this has 501."]}
    assert client.post(address, {"reason": f"{'x' * 249}\r\n{'y' * 250}"}).status_code == 302
    assert AuditEntry.objects.get(action=AuditAction.SCORE_VIEWED).reason == f"{'x' * 249}\n{'y' * 250}"


def test_a_reason_serves_for_a_while_only(client, auditor, monkeypatch):
    address = reverse("console:explanation", args=[cast.alice().pk])
    client.post(address, {"reason": "She asked me to."})
    monkeypatch.setattr("scoring.console.explanations.SECONDS_A_REASON_SERVES", 0)
    client.post(address, {"reason": "Again."})
    assert "Why do you look" in client.get(address).content.decode()


def test_an_action_on_periodic_tasks_is_in_the_trail(client):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    every = IntervalSchedule.objects.create(every=7, period="days")
    task = PeriodicTask.objects.create(name="Weekly", task="scoring.tasks.scheduled_run", interval=every)
    address = reverse("admin:django_celery_beat_periodictask_changelist")
    client.post(address, {"action": "disable_tasks", "_selected_action": [task.pk]})
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_kind, entry.subject_id) == (
        AuditAction.RECORD_CHANGED,
        "django_celery_beat.periodictask",
        task.pk,
    )
    assert (entry.old["enabled"], entry.new["enabled"]) == (True, False)


def test_an_action_on_all_rows_of_the_list_is_in_the_trail(client):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    every = IntervalSchedule.objects.create(every=7, period="days")
    tasks = [
        PeriodicTask.objects.create(name=name, task="scoring.tasks.scheduled_run", interval=every)
        for name in ("One", "Two", "Three")
    ]
    address = reverse("admin:django_celery_beat_periodictask_changelist")
    ticked = {"_selected_action": [tasks[0].pk], "select_across": "1"}
    client.post(address, {"action": "disable_tasks"} | ticked)
    assert not PeriodicTask.objects.filter(enabled=True).exists()
    assert {entry.subject_id for entry in AuditEntry.objects.all()} >= {task.pk for task in tasks}


def test_rows_that_an_action_takes_away_are_in_the_trail(client):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    application = Application.objects.create(name="A reader", client_type="public", authorization_grant_type="password")
    tomorrow = timezone.now() + dt.timedelta(days=1)
    given = {"user": cast.clerk(), "application": application, "expires": tomorrow}
    revoked, kept = (AccessToken.objects.create(token=token, **given) for token in ("first", "second"))
    address = reverse("admin:oauth2_provider_accesstoken_changelist")
    client.post(address, {"action": "revoke_tokens", "_selected_action": [revoked.pk]})
    assert list(AccessToken.objects.all()) == [kept]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id) == (AuditAction.RECORD_DELETED, revoked.pk)
    assert "first" not in json.dumps(entry.old)


def test_rows_deleted_from_the_list_are_in_the_trail_once(client):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    schedules = [IntervalSchedule.objects.create(every=days, period="days") for days in (70, 80)]
    address = reverse("admin:django_celery_beat_intervalschedule_changelist")
    ticked = {"_selected_action": [schedule.pk for schedule in schedules]}
    client.post(address, {"action": "delete_selected", "post": "yes"} | ticked)
    assert not IntervalSchedule.objects.filter(every__in=(70, 80)).exists()
    found = AuditEntry.objects.order_by("pk").values_list("action", "subject_id")
    assert list(found) == [(AuditAction.RECORD_DELETED, schedule.pk) for schedule in schedules]


def test_an_action_that_cannot_be_recorded_changes_nothing(client, monkeypatch):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    every = IntervalSchedule.objects.create(every=7, period="days")
    task = PeriodicTask.objects.create(name="Weekly", task="scoring.tasks.scheduled_run", interval=every)

    def broken(**values):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr("citizens.records.record", broken)
    with pytest.raises(RuntimeError):
        client.post(
            reverse("admin:django_celery_beat_periodictask_changelist"),
            {"action": "disable_tasks", "_selected_action": [task.pk]},
        )
    task.refresh_from_db()
    assert task.enabled


def test_what_goes_with_a_deleted_record_is_in_the_trail(client):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    every = IntervalSchedule.objects.create(every=7, period="days")
    PeriodicTask.objects.create(name="Weekly", task="scoring.tasks.scheduled_run", interval=every)
    client.post(reverse("admin:django_celery_beat_intervalschedule_delete", args=[every.pk]), {"post": "yes"})
    kinds = set(AuditEntry.objects.values_list("subject_kind", flat=True))
    assert kinds == {"django_celery_beat.intervalschedule", "django_celery_beat.periodictask"}


def test_somebody_who_was_forgotten_is_found_by_their_number(client, auditor):
    alice = cast.alice()
    forget(acting_user=cast.clerk(), citizen=alice, key="alice")
    assert "Deleted the citizen" in text(client, citizen=str(alice.pk))
