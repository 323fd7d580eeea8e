"""/metrics: the state of the system as the database has it, and counts that several web processes add up."""

import datetime as dt
import re
import urllib.request
from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from citizens.models import Change
from sesame_site import metrics
from tests import cast
from tests.serving import a_web_server
from tests.worker import wait_until

ASKED = re.compile(r'django_http_requests_total_by_view_transport_method_total\{.*view="healthz"\} (\S+)')


def scraped(client) -> dict[str, float]:
    """Value by name and labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    lines = (line for line in response.content.decode().splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.django_db(transaction=True)
def test_an_operator_sees_runs_the_outbox_and_connections(client):
    cast.a_rule_set()
    cast.observed(cast.alice(), cast.bill_paid())
    cast.rescore()
    cast.observed(cast.alice(), cast.bill_paid())
    Change.objects.pending().update(created_at=timezone.now() - dt.timedelta(seconds=100))
    found = scraped(client)
    assert found['sesame_runs{status="published"}'] == 1
    assert found['sesame_runs{status="failed"}'] == 0
    assert found["sesame_run_scored"] == 1
    assert 0 <= found["sesame_run_age_seconds"] < 60
    assert found["sesame_outbox_pending"] == 1
    assert 100 <= found["sesame_engine_lag_seconds"] < 160
    assert found['sesame_database_connections{state="active"}'] >= 1
    assert found["sesame_database_connections_limit"] >= 20
    assert (found["sesame_database_up"], found["sesame_broker_up"], found["sesame_tasks_waiting"]) == (1, 1, 0)


@pytest.mark.django_db
def test_without_a_run_nothing_is_invented(client):
    found = scraped(client)
    assert "sesame_run_age_seconds" not in found
    assert "sesame_run_under_way_seconds" not in found
    assert found["sesame_engine_lag_seconds"] == 0


@pytest.mark.django_db
def test_a_database_that_is_away_is_said_and_the_rest_still_told(client, monkeypatch):
    def away() -> Iterator[object]:
        raise OperationalError("it is away")

    monkeypatch.setattr(metrics, "_runs", away)
    found = scraped(client)
    assert (found["sesame_database_up"], found["sesame_broker_up"]) == (0, 1)
    assert "sesame_outbox_pending" not in found


@pytest.mark.django_db
def test_mails_are_counted(client, settings):
    settings.EMAIL_BACKEND = "sesame_site.kit.mail.CountedMail"
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    before = scraped(client).get('sesame_mails_total{outcome="sent"}', 0)
    mail.send_mail("A subject", "A text", "from@example.org", ["to@example.org"])
    assert len(mail.outbox) == 1
    assert scraped(client)['sesame_mails_total{outcome="sent"}'] == before + 1


@pytest.fixture
def two_web_processes(live_environment, tmp_path) -> Iterator[str]:
    with a_web_server(live_environment | {"METRICS_FOLDER": str(tmp_path / "metrics")}, workers=2) as web:
        yield f"http://127.0.0.1:{web.port}"


def fetched(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_several_web_processes_tell_one_story(two_web_processes, tmp_path):
    """Each request is a new connection, so both processes take some of them."""

    def both_are_up() -> bool:
        counting = list((tmp_path / "metrics").glob("counter_*.db"))
        return fetched(f"{two_web_processes}/healthz") != "" and len(counting) >= 2

    wait_until(both_are_up, what="the web processes")
    for _ in range(40):
        fetched(f"{two_web_processes}/healthz")
    counts = [float(ASKED.findall(fetched(f"{two_web_processes}/metrics"))[0]) for _ in range(10)]
    assert min(counts) >= 41
    assert len(set(counts)) == 1
