"""Every kind of process has limits of time in the database, on every connection that it opens."""

import os
import subprocess
import sys

import psycopg
import pytest
from adbc_driver_postgresql import dbapi as adbc
from django.db import OperationalError, connection

from scoring import publishing
from sesame_site.kit.database.dsn import libpq_uri
from sesame_site.kit.database.limits import LIMITS, kind_of_process
from tests import cast
from tests.worker import ROOT

SHOW = """
    import django; django.setup()
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
            " current_setting('idle_in_transaction_session_timeout'), current_setting('synchronous_commit')")
        print(*cursor.fetchone())
"""


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["/app/.venv/bin/celery", "--app", "sesame_site", "worker"], "worker"),
        (["/lib/site-packages/celery/__main__.py", "--app", "sesame_site", "beat"], "worker"),
        (["manage.py", "engine"], "engine"),
        (["sesame", "follow"], "engine"),
        (["manage.py", "runserver"], "web"),
        (["manage.py", "import_ties", "engine"], "command"),
        (["manage.py"], "command"),
        ([""], "command"),
    ],
)
def test_what_a_process_is_for_is_told_by_its_command(arguments, kind):
    assert kind_of_process(arguments) == kind


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("begin", ["import sesame_site.wsgi", ""])
def test_a_web_process_has_short_ones(live_environment, begin):
    script = f"{begin}\n" + "\n".join(line[4:] for line in SHOW.splitlines())
    environment = live_environment | {"DJANGO_SETTINGS_MODULE": "sesame_site.settings"}
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert said.stdout.split() == (["30s", "10s", "30s", "off"] if begin else ["0", "5min", "15min", "off"]), said


@pytest.mark.django_db(transaction=True)
def test_every_driver_has_them_on_every_connection():
    show = "SELECT current_setting('idle_in_transaction_session_timeout')"
    assert LIMITS["command"].as_options() in os.environ["PGOPTIONS"]
    with psycopg.connect(libpq_uri()) as one, adbc.connect(libpq_uri()) as two, two.cursor() as rows:
        rows.execute(show)
        with connection.cursor() as cursor:
            cursor.execute(show)
            assert [one.execute(show).fetchone(), rows.fetchone(), cursor.fetchone()] == [("15min",)] * 3


@pytest.mark.django_db(transaction=True)
def test_who_reads_scores_never_waits_for_old_ones_to_be_dropped(monkeypatch, settings, caplog):
    """A backup reads them for minutes. Dropping waits for it, and would have everybody else wait behind."""
    monkeypatch.setattr(publishing, "SECONDS_TO_WAIT_FOR_READERS", 1)
    settings.SCORE_RUNS_KEPT = 1
    cast.a_rule_set()
    cast.partners()
    first = cast.rescore()
    with psycopg.connect(libpq_uri()) as backup:
        backup.execute("SELECT count(*) FROM scoring_score")
        assert cast.rescore().is_current
        assert "old_scores_not_dropped" in caplog.text
        with pytest.raises(OperationalError, match="lock timeout"):
            publishing.drop_scores(first.pk)
    assert publishing.drop_old_runs() == 1
