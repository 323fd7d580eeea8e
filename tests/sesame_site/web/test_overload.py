"""More requests than can be answered soon are refused at once, and signs of life do not queue with them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from tests.serving import Web, a_web_server, ask, in_the_background
from tests.worker import wait_until

pytestmark = pytest.mark.slow
WAITING = 2


@pytest.fixture
def web(live_environment) -> Iterator[Web]:
    """One thread, and room for two requests that wait for it."""
    with a_web_server(live_environment | {"WEB_THREADS": "1", "WEB_QUEUE": str(WAITING)}) as web:
        yield web


@contextmanager
def pages_stuck() -> Iterator[None]:
    """Every page waits for a lock meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE citizens_citizen IN ACCESS EXCLUSIVE MODE")
        yield


def pages_under_way(web: Web) -> int:
    (line,) = [line for line in ask(web, "/metrics").text.splitlines() if 'under_way{lane="pages"}' in line]
    return int(float(line.split()[-1]))


def wait_for_pages(web: Web, number: int) -> None:
    wait_until(lambda: pages_under_way(web) == number, seconds=30, what=f"{number} pages under way")


def test_what_no_longer_fits_the_queue_is_refused_at_once_in_words(web):
    with pages_stuck():
        under_way = [in_the_background(web, "/") for _ in range(1 + WAITING)]
        wait_for_pages(web, 1 + WAITING)
        page, call = ask(web, "/"), ask(web, "/api/v1/me/score/")
        assert (page.status, call.status) == (503, 503)
        assert int(page.headers["retry-after"]) > 0
        assert int(call.headers["retry-after"]) > 0
        assert "Too many people are here at once" in page.text
        assert call.headers["content-type"] == "application/problem+json"
        assert '"code": "unavailable"' in call.text
        assert ask(web, "/healthz").status == 200
        assert ask(web, "/static/sesame/app.css").status == 200
        assert 'sesame_web_refused_total{status="503"}' in ask(web, "/metrics").text
        assert all(thread.is_alive() for thread, _ in under_way)
    for thread, replies in under_way:
        thread.join(20)
        assert [reply.status for reply in replies] == [200]


def test_who_leaves_while_waiting_makes_room(web):
    with pages_stuck():
        under_way, replies = in_the_background(web, "/")
        wait_for_pages(web, 1)
        for _ in range(1 + WAITING):
            with web.connect() as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                wait_for_pages(web, 2)
            wait_for_pages(web, 1)
    under_way.join(20)
    assert replies[0].status == 200
