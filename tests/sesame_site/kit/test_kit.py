"""The shared helpers: a GET that cannot write, locks, tasks after commit, charts, addresses, secrets."""

import re
from pathlib import Path
from typing import Any

import altair
import psycopg
import pytest
from django.db import InternalError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from sesame_site.celery import Task
from sesame_site.kit.database.dsn import libpq_uri
from sesame_site.kit.database.locks import advisory_lock
from sesame_site.kit.database.readonly import ReadOnlyGet, read_only
from sesame_site.kit.pages import charts
from sesame_site.kit.secret import kept_secret

KEYS_HELD = """
    SELECT classid::bigint << 32 | objid::bigint FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
     WHERE locktype = 'advisory' AND datname = current_database()
"""


def drawn(method: str, namespace: str) -> HttpResponse | None:
    """What the middleware makes of a view that writes."""

    def writing(request: Any) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE written ()")
        return HttpResponse("written")

    request = RequestFactory().generic(method, "/")
    request.resolver_match = ResolverMatch(writing, (), {}, namespaces=[namespace])
    return ReadOnlyGet(writing).process_view(request, writing, (), {})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("namespace", ["portal", "console", "api"])
def test_a_get_that_writes_is_refused_by_the_database(namespace: str) -> None:
    with pytest.raises(InternalError, match="read-only transaction"):
        drawn("GET", namespace)


@pytest.mark.parametrize(("method", "namespace"), [("POST", "portal"), ("GET", "account"), ("GET", "admin")])
def test_what_may_write_is_left_alone(method: str, namespace: str) -> None:
    assert drawn(method, namespace) is None


@pytest.mark.parametrize(
    "nested",
    [
        pytest.param(False, marks=pytest.mark.django_db(transaction=True)),
        pytest.param(True, marks=pytest.mark.django_db),
    ],
)
def test_after_a_read_only_transaction_writing_works_again(nested: bool) -> None:
    with read_only(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE written ()")


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_held_by_one_session_at_a_time() -> None:
    with psycopg.connect(libpq_uri(), autocommit=True) as other, advisory_lock("run") as got:
        assert got
        ((held,),) = other.execute(KEYS_HELD).fetchall()
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [held]).fetchone() == (False,)
    with psycopg.connect(libpq_uri(), autocommit=True) as other:
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [held]).fetchone() == (True,)
        with advisory_lock("run") as got:
            assert not got


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What reached the broker."""
    tasks: list[tuple[Any, ...]] = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, args=None, *_, **__: tasks.append(tuple(args)))
    return tasks


@pytest.mark.django_db(transaction=True)
def test_a_task_is_sent_after_the_commit(sent: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        Task().delay(1)
        assert sent == []
    assert sent == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_a_task_of_a_transaction_rolled_back_is_never_sent(sent: list[tuple[Any, ...]]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Task().delay(1)
        raise ZeroDivisionError
    assert sent == []


def test_a_chart_is_named_described_and_without_script_or_style() -> None:
    rows = altair.Data(values=[{"month": 1, "score": 600}, {"month": 2, "score": 640}])
    chart = altair.Chart(rows).mark_line().encode(x="month:Q", y="score:Q")
    svg = charts.svg(chart, title="Your score <by month>", description="It rises from 600 to 640.")
    assert 'role="img"' in svg
    assert "Your score &lt;by month&gt;</title>" in svg
    assert "It rises from 600 to 640.</desc>" in svg
    assert "currentColor" in svg
    assert re.findall(r'class="chart (\w+)"[^>]*viewBox="0 0 (\d+) ', svg) == [("wide", "480"), ("narrow", "300")]
    names = re.findall(r' id="([^"]+)"', svg)
    assert len(names) == len(set(names)), "both drawings stand in one page"
    for forbidden in ("<script", "style=", "<style", 'fill="white"'):
        assert forbidden not in svg


def test_a_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path)
    assert len(secret) > 50
    assert kept_secret(tmp_path) == secret
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
