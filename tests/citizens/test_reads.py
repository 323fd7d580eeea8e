"""Who read whose score is known to the citizen: applications and staff, each read once, and no GET fails of it."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from redis import Redis
from redis.exceptions import RedisError

from citizens import reads
from citizens.actions import reads as taking
from citizens.actions.reads import take_over_reads
from citizens.enums import Role
from citizens.models import ReadPlace, ScoreRead
from tests import cast
from tests.pages import soup, text

pytestmark = pytest.mark.django_db
SCORE = "/api/v1/me/score/"


@pytest.fixture(autouse=True)
def empty_stream():
    reads.stream().delete(reads.STREAM)


@pytest.fixture
def landlord() -> Application:
    made = {"name": "The landlord", "client_type": "public", "authorization_grant_type": "authorization-code"}
    return cast.an_application("score:read", "history:read", **made)


@pytest.fixture
def machine(landlord) -> Client:
    """What the landlord's programme calls with Alice's token."""
    expires = timezone.now() + dt.timedelta(hours=1)
    scope = "score:read history:read"
    user = cast.alice().user
    AccessToken.objects.create(application=landlord, user=user, token="hers", scope=scope, expires=expires)
    return Client(headers={"authorization": "Bearer hers"})


def counted() -> list[tuple[str, int]]:
    return sorted((row.what, row.times) for row in ScoreRead.objects.filter(citizen=cast.alice()))


def test_what_an_application_reads_is_counted_once_and_shown_to_the_citizen(client, machine, landlord):
    assert [machine.get(SCORE).status_code for _ in range(3)] == [200] * 3
    assert machine.get("/api/v1/me/history/").status_code == 200
    assert not ScoreRead.objects.exists(), "a GET writes nothing"
    assert (take_over_reads(), take_over_reads()) == (4, 0)
    assert counted() == [("history", 1), ("score", 3)]
    machine.get(SCORE)
    take_over_reads()
    assert counted() == [("history", 1), ("score", 4)]
    assert reads.stream().xlen(reads.STREAM) <= 1

    client.force_login(cast.alice().user)
    rows = [text(row) for row in soup(client.get(reverse("portal:sharing"))).select("section tbody tr, tbody tr")]
    assert any(row.startswith("The landlord Your score and its band") and row.endswith(" 4") for row in rows), rows


def test_what_is_refused_and_what_one_reads_oneself_is_no_read(client, machine):
    assert Client(headers={"authorization": "Bearer none"}).get(SCORE).status_code == 401
    assert machine.get("/api/v1/me/explanation/").status_code == 403
    client.force_login(cast.alice().user)
    assert client.get(SCORE).status_code == 200
    assert "Nobody but you has read your score" in text(client.get(reverse("portal:sharing")))
    assert take_over_reads() == 0


def test_a_look_of_the_staff_is_a_read_once_it_is_shown(client):
    auditor = cast.account("auditor", Role.AUDITOR)
    client.force_login(auditor)
    page = reverse("console:explanation", args=[cast.alice().pk])
    client.get(page)
    assert take_over_reads() == 0, "only the question was shown"
    client.post(page, {"reason": "She asked me to."})
    client.get(page)
    assert take_over_reads() == 1
    read = ScoreRead.objects.get()
    assert (read.citizen, read.account, read.application) == (cast.alice(), auditor, None)
    client.force_login(cast.alice().user)
    assert "An administrator, who said why" in text(client.get(reverse("portal:sharing")))


def test_killed_before_its_end_it_takes_nothing_twice(machine, monkeypatch):
    machine.get(SCORE)

    def dies(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Redis, "xtrim", dies)
    with pytest.raises(KeyboardInterrupt):
        take_over_reads()
    monkeypatch.undo()
    assert take_over_reads() == 0
    assert counted() == [("score", 1)]


def test_undone_it_takes_all_of_it_again(machine, monkeypatch):
    machine.get(SCORE)
    monkeypatch.setattr(taking, "_add", lambda _reads: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_over_reads()
    monkeypatch.undo()
    assert not ReadPlace.objects.exclude(stream_id="0-0").exists()
    assert take_over_reads() == 1


@pytest.mark.parametrize("gone", ["citizen", "application"])
def test_who_is_not_there_any_more_is_left_out(machine, landlord, gone):
    machine.get(SCORE)
    cast.alice().delete() if gone == "citizen" else landlord.delete()
    assert take_over_reads() == 1
    assert not ScoreRead.objects.exists()


def test_a_page_is_answered_where_the_stream_is_away_and_the_log_knows(machine, monkeypatch, caplog, settings):
    caplog.set_level("INFO", logger="citizens.reads")
    away = Redis(host="127.0.0.1", port=9, socket_timeout=0.2, socket_connect_timeout=0.2)
    with pytest.raises(RedisError):
        away.ping()
    monkeypatch.setattr(reads, "stream", lambda: away)
    assert machine.get(SCORE).status_code == 200
    events = [record.getMessage() for record in caplog.records if record.name == "citizens.reads"]
    assert [sum(name in event for event in events) > 0 for name in ("score_read", "score_read_not_noted")] == [True] * 2
