"""Followers take every movement once, in the order of commits, whatever happens to them."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from citizens.models.transactions import finished_before
from scoring.followers import following, stream
from scoring.followers.registry import followers
from scoring.live import worker
from scoring.models import FollowerPlace, Movement, MovementCount, Run, Segment
from sesame_site.kit.database.dsn import libpq_uri
from tests import cast
from tests.worker import ROOT, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

COUNTS = followers["movement-counts"]


def rescore() -> Run:
    run = cast.rescore()
    settle()
    return run


def settle() -> None:
    """Waits for older transactions of the cluster, such as those of other tests, which hold movements back."""
    held_back = Segment.objects.filter(xid__gte=finished_before())
    wait_until(lambda: not held_back.exists(), what="older transactions to end")


def counted() -> list[tuple[object, ...]]:
    fields = "run_id", "band_before__key", "band__key", "movements", "up", "down"
    return sorted(MovementCount.objects.values_list(*fields).order_by(), key=str)


@pytest.fixture
def pair():
    """Alice at 540 (poor), her partner at 426 (poor); others count at once."""
    cast.others_count_at_once()
    cast.a_rule_set()
    return cast.partners()


def test_movements_say_what_was_before_and_in_which_bands(pair):
    first = rescore()
    cast.observed(pair[0], cast.bill_paid(), amount=5, days_ago=0)
    worker.catch_up(worker.catch_up(None)[0])
    rows = pair[0].movements.order_by("id").values_list("before", "published", "band_before__key", "band__key")
    assert list(rows) == [(None, 540, None, "poor"), (540, 590, "poor", "fair")]
    second = cast.rescore()
    assert not Movement.objects.filter(run=second).exists()
    assert set(Movement.objects.values_list("run_id", "rule_set_id")) == {(first.pk, first.rule_set_id)}


def test_bands_before_are_those_of_the_rules_before(pair):
    first = rescore()
    cast.move(first.rule_set, "retired")
    cast.a_rule_set(base=700)
    second = rescore()
    row = Movement.objects.select_related("band_before", "band").get(citizen=pair[0], run=second)
    assert (row.band_before.rule_set_id, row.band.rule_set_id) == (first.rule_set_id, second.rule_set_id)


def test_counts_per_run_and_band(pair):
    first = rescore()
    following.catch_up(COUNTS)
    assert counted() == [(first.pk, None, "poor", 2, 0, 0)]
    cast.observed(pair[0], cast.bill_paid(), amount=7)
    second = rescore()
    following.catch_up(COUNTS)
    assert (second.pk, "poor", "good", 1, 1, 0) in counted()


@pytest.mark.parametrize(
    "point",
    [
        "before anything",
        "after reading",
        "after following",
        "after the place",
        "before the commit",
        "after the commit",
    ],
)
def test_a_killed_follower_is_gone_on_from_exactly_there(live_environment, pair, point):
    rescore()
    following.catch_up(COUNTS)
    cast.observed(pair[0], cast.bill_paid(), amount=7)
    rescore()
    before = counted()
    command = [sys.executable, "-m", "tests.scoring.followers.a_follower_that_dies", point]
    died = subprocess.run(command, cwd=ROOT, env=live_environment, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert (counted() == before) == (point != "after the commit")

    def is_whole() -> bool:
        following.catch_up(COUNTS)
        return sum(row[3] for row in counted()) == 4

    # PostgreSQL takes a moment to notice that the process is gone, and lets go of its locks then.
    wait_until(is_whole, what="the next follower to go on")
    assert Movement.objects.count() == 4


def test_what_commits_out_of_order_is_followed_once(pair):
    """The transaction with the higher number commits first; nothing of it is followed before the other is over."""
    run = rescore()
    following.catch_up(COUNTS)
    with psycopg.connect(libpq_uri()) as early, psycopg.connect(libpq_uri()) as late:
        for one in (early, late):
            one.execute("SELECT pg_current_xact_id()")
        _write_movement(late, run, pair[0], 551)
        late.commit()
        assert following.take_batch(COUNTS) is False
        _write_movement(early, run, pair[1], 421)
        early.commit()
    settle()
    seen = []
    keeper = replace(COUNTS, follow=lambda batch: seen.extend(batch.movements.values_list("published", flat=True)))
    following.catch_up(keeper)
    following.catch_up(keeper)
    assert seen == [421, 551]


def _write_movement(on: psycopg.Connection, run: Run, citizen, number: int) -> None:
    row = on.execute(
        "INSERT INTO scoring_movement (citizen_id, run_id, rule_set_id, as_of, published) "
        "VALUES (%s, %s, %s, now(), %s) RETURNING id, xid",
        [citizen.pk, run.pk, run.rule_set_id, number],
    ).fetchone()
    on.execute(
        "INSERT INTO scoring_segment (xid, run_id, first_id, last_id, movements, written_at) "
        "VALUES (%s, %s, %s, %s, 1, now())",
        [row[1], run.pk, row[0], row[0]],
    )


@pytest.mark.parametrize("largest", [1, 2, 3, 100])
def test_batches_of_any_size_count_the_same(pair, largest, monkeypatch):
    monkeypatch.setattr(stream, "LARGEST_BATCH", largest)
    rescore()
    cast.observed(pair[0], cast.bill_paid(), amount=7)
    rescore()
    following.catch_up(COUNTS)
    assert sum(row[3] for row in counted()) == 4
    assert stream.lag(FollowerPlace.objects.get()) == (0, None)


def test_rewinding_gives_the_same_counts(pair):
    rescore()
    between = timezone.now()
    cast.observed(pair[0], cast.bill_paid(), amount=7)
    rescore()
    following.catch_up(COUNTS)
    whole = counted()
    for moment in (between, None):
        following.rewind(COUNTS, moment)
        assert len(counted()) < len(whole)
        following.catch_up(COUNTS)
        assert counted() == whole


def test_rewinding_into_the_middle_of_a_run_keeps_what_came_before(pair):
    rescore()
    engine, _ = worker.catch_up(None)
    between = timezone.now()
    cast.observed(pair[0], cast.bill_paid(), amount=7, days_ago=0)
    worker.catch_up(engine)
    settle()
    following.catch_up(COUNTS)
    whole = counted()
    following.rewind(COUNTS, between)
    assert sum(row[3] for row in counted()) == 2
    following.catch_up(COUNTS)
    assert counted() == whole


def test_rewinding_to_a_later_place_than_where_it_stands_skips_nothing(pair, monkeypatch):
    monkeypatch.setattr(stream, "LARGEST_BATCH", 1)
    rescore()
    assert following.take_batch(COUNTS)
    following.rewind(COUNTS, timezone.now())
    following.catch_up(COUNTS)
    assert sum(row[3] for row in counted()) == Movement.objects.count() == 2


def test_one_process_at_a_time_follows(pair):
    rescore()
    following.catch_up(COUNTS)
    cast.observed(pair[0], cast.bill_paid(), amount=7)
    rescore()
    with psycopg.connect(libpq_uri()) as other:
        other.execute("SELECT 1 FROM scoring_followerplace FOR NO KEY UPDATE")
        assert following.take_batch(COUNTS) is False
    assert following.take_batch(COUNTS) is True


def test_a_batch_takes_the_same_number_of_queries_whatever_its_size(pair):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert following.take_batch(COUNTS)
        return len(asked)

    rescore()
    of_two = queries()
    for n in range(20):
        cast.observed(cast.person(f"newcomer-{n}", signs_in=False), cast.bill_paid())
    rescore()
    assert queries() == of_two


def test_a_follower_that_fails_stands_still_and_says_why(pair):
    rescore()

    def broken(batch) -> None:
        raise ValueError("The shelf is full.")

    failing = replace(COUNTS, follow=broken)
    assert following._attempt(failing, {}) is False
    assert "The shelf is full." in FollowerPlace.objects.get().error
    assert "stands still" in _said("followers")
    following.catch_up(COUNTS)
    assert "has followed everything" in _said("followers")


def test_the_command_shows_where_each_stands_and_rewinds(pair):
    rescore()
    answer = json.loads(_said("followers", "--json"))["followers"][0]
    assert (answer["name"], answer["lag_movements"]) == ("movement-counts", 2)
    following.catch_up(COUNTS)
    assert json.loads(_said("followers", "--json"))["followers"][0]["lag_movements"] == 0
    assert "2 movements" in _said("followers", "--rewind", "movement-counts")
    assert counted() == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--rewind", "nobody"), "no follower named “nobody”"),
        (("--to", "2026-01-01T00:00"), "--to goes with --rewind"),
        (("--rewind", "movement-counts", "--to", "yesterday"), "“yesterday” is not a moment"),
        (("--rewind", "movement-counts", "--to", "2026-13-01T00:00"), "is not a moment"),
    ],
)
def test_the_command_refuses_in_words(words, reason):
    with pytest.raises(CommandError, match=reason):
        _said("followers", *words)


def _said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_erasing_a_citizen_erases_their_movements(pair):
    rescore()
    pair[1].delete()
    following.catch_up(COUNTS)
    assert sum(row[3] for row in counted()) == 1
    assert Segment.objects.get().movements == 2


def test_the_process_follows_every_run(live_environment, pair):
    process = subprocess.Popen([sys.executable, "manage.py", "follow"], cwd=ROOT, env=live_environment)
    try:
        rescore()
        wait_until(lambda: MovementCount.objects.exists(), what="the follower")
        cast.observed(pair[0], cast.bill_paid(), amount=7)
        run = rescore()
        wait_until(lambda: MovementCount.objects.filter(run=run).exists(), seconds=20, what="the follower")
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_the_overview_shows_what_moved(client, pair):
    rescore()
    following.catch_up(COUNTS)
    client.force_login(cast.clerk())
    page = client.get("/console/").content.decode()
    assert "What has moved since the run before" in page
    assert "citizens are newly scored" in page
