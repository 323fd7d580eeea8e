"""With a server away or full, everybody is told to come back, at once, with one line in the log; nothing is left."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import redis

from citizens.models import AuditEntry
from scoring.models import Run
from sesame_site import services
from tests import cast
from tests.worker import ROOT

NOBODY_LISTENS = "127.0.0.1:1"
PROBLEM, PAGE = "application/problem+json", "text/html"
SECONDS_AT_MOST = 8


def ask(environment: dict[str, str], *questions: str, account: str = "") -> tuple[list[list[object]], list[str]]:
    """The answers, and the lines of the log."""
    command = [sys.executable, "-m", "tests.sesame_site.asking", account, *questions]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout), said.stderr.splitlines()


@pytest.fixture
def full(live_environment):
    """A Valkey that has room for nothing more."""
    with tempfile.TemporaryDirectory() as folder:
        url = services.valkey_url(Path(folder))
        with redis.Redis.from_url(url) as client:
            client.config_set("maxmemory", "1")
        yield live_environment | {"REDIS_URL": url, "SIGN_IN_LIMITS": "true"}


@pytest.fixture
def no_broker(live_environment):
    return live_environment | {"REDIS_URL": f"redis://{NOBODY_LISTENS}/0"}


@pytest.mark.django_db(transaction=True)
def test_without_postgresql(live_environment):
    environment = live_environment | {"DATABASE_URL": f"postgresql://nobody@{NOBODY_LISTENS}/nothing"}
    pages = ["GET /", "GET /console/runs/", "GET /accounts/login/", "POST /accounts/login/", "GET /admin/"]
    calls = ["GET /api/v1/runs/", "GET /api/v1/me/score/", "POST /o/token/"]
    answers, log = ask(environment, "GET /healthz", *pages, *calls)
    assert answers[0][0] == 200
    away = [tuple(answer[:3]) for answer in answers[1:]]
    assert away == [(503, PAGE, "5")] * len(pages) + [(503, PROBLEM, "5")] * len(calls)
    assert len(log) == len(away), "\n".join(log)
    assert all("part_of_the_system_away" in line and "reason=" in line for line in log), "\n".join(log)


@pytest.mark.django_db(transaction=True)
def test_a_full_valkey(full):
    cast.clerk()
    pages, log = ask(full, "POST /accounts/login/", "GET /accounts/login/")
    assert [tuple(answer[:3]) for answer in pages] == [(503, PAGE, "5"), (200, PAGE, None)]
    calls, log_of_calls = ask(full, "GET /api/v1/runs/", account="clerk")
    assert [tuple(answer[:3]) for answer in calls] == [(503, PROBLEM, "5")]
    lines = log + log_of_calls
    assert [line for line in lines if "part_of_the_system_away" in line and "maxmemory" in line] == lines
    assert len(lines) == 2, "\n".join(lines)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["full", "no_broker"])
def test_no_run_is_started_that_nobody_can_be_told_of(request, broker):
    cast.a_rule_set()
    environment = request.getfixturevalue(broker)
    entries = AuditEntry.objects.count()
    answers, _ = ask(environment, "POST /console/runs/start/", "GET /console/runs/", account="clerk")
    assert [answer[0] for answer in answers] == [302, 200]
    assert answers[0][3] < SECONDS_AT_MOST
    said = subprocess.run(
        [sys.executable, "manage.py", "rescore", "--background", "--json"],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert (said.returncode, "No run was started" in json.loads(said.stdout)["error"]) == (2, True)
    assert (Run.objects.count(), AuditEntry.objects.count()) == (0, entries)
