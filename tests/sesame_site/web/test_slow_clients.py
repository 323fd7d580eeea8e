"""Clients that send or read slowly, or never to the end, cost nobody else anything."""

import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from oauth2_provider.models import Application

from tests.serving import Reply, Web, a_web_server, ask

MANY = 200
ASKED_EACH = 15
GENEROUS = 20  # times slower than without them, and nobody would call it their pace any more
LARGE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
MORE_THAN_KERNELS_KEEP = 8  # times that, for one connection
HALF_SENT = {
    "headers": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow",
    "a body": b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nlogin=",
}
SECRET = "known to the test"


@pytest.fixture
def web(live_environment) -> Iterator[Web]:
    Application.objects.create(
        client_id="bank",
        client_secret=SECRET,
        hash_client_secret=False,  # the server hashes otherwise than the tests
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    with a_web_server(live_environment | {"WEB_SECONDS_TO_SEND": "600"}) as web:
        yield web


def a_token(web: Web) -> Reply:
    body = f"grant_type=client_credentials&client_id=bank&client_secret={SECRET}"
    return ask(web, "/o/token/", body=body, **{"Content-Type": "application/x-www-form-urlencoded"})


ASKED: dict[str, Callable[[Web], Reply]] = {
    "a page": lambda web: ask(web, "/"),
    "a token": a_token,
    "a sign of life": lambda web: ask(web, "/healthz"),
}


def paces(web: Web) -> dict[str, float]:
    """The median of seconds that each kind of answer takes."""
    return {what: statistics.median(seconds(asked, web) for _ in range(ASKED_EACH)) for what, asked in ASKED.items()}


def seconds(asked: Callable[[Web], Reply], web: Web) -> float:
    began = time.monotonic()
    assert asked(web).status == 200
    return time.monotonic() - began


def half_sent(web: Web, what: bytes) -> socket.socket:
    client = web.connect()
    client.sendall(what)
    return client


def reads_nothing(web: Web, *, requests: int = 1) -> socket.socket:
    client = web.connect(receive_buffer=4096)
    client.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * requests)
    return client


@pytest.mark.slow
def test_two_hundred_slow_clients_leave_everybody_else_at_their_pace(web):
    before = paces(web)
    with ExitStack() as sockets:
        slow = [
            sockets.enter_context(client)
            for number in range(MANY)
            for client in [
                half_sent(web, HALF_SENT["headers"])
                if number % 3 == 0
                else half_sent(web, HALF_SENT["a body"])
                if number % 3 == 1
                else reads_nothing(web)
            ]
        ]
        meanwhile = paces(web)
        assert len(slow) == MANY
        for what, pace in meanwhile.items():
            assert pace < GENEROUS * before[what], f"{what}: {pace:.3f} s instead of {before[what]:.3f} s"
        assert slow[0].recv(1) == b"", "headers that never end are not waited for, for ever"
    assert paces(web)["a page"] < GENEROUS * before["a page"]


def test_a_body_that_does_not_come_in_time_is_refused_in_words(live_environment):
    with a_web_server(live_environment | {"WEB_SECONDS_TO_SEND": "1"}) as web:
        with half_sent(web, HALF_SENT["a body"]) as person:
            answer = person.recv(100_000).decode()
            assert answer.startswith("HTTP/1.1 408 ")
            assert "What you sent did not arrive whole" in answer
        with half_sent(web, HALF_SENT["a body"].replace(b"/accounts/login/", b"/o/token/")) as program:
            answer = program.recv(100_000).decode()
            assert answer.startswith("HTTP/1.1 408 ")
            assert "application/problem+json" in answer
        assert "2.0" in next(
            line for line in ask(web, "/metrics").text.splitlines() if 'refused_total{status="408"}' in line
        )


def test_a_body_larger_than_is_taken_is_refused_before_a_thread_is(live_environment):
    with a_web_server(live_environment) as web:
        page = ask(web, "/accounts/login/", body="x" * 3_000_000)
        assert (page.status, "What you sent is too large" in page.text) == (413, True)
        call = ask(web, "/api/v1/behaviours/", body="x" * 3_000_000)
        assert (call.status, call.headers["content-type"]) == (413, "application/problem+json")


def test_who_takes_nothing_of_an_answer_is_given_up(live_environment):
    with a_web_server(live_environment | {"WEB_SECONDS_TO_TAKE": "1"}) as web:
        whole = MORE_THAN_KERNELS_KEEP * len(ask(web, LARGE).text.encode())
        with reads_nothing(web, requests=MORE_THAN_KERNELS_KEEP) as client:
            time.sleep(5)
            assert received(client) < whole


def received(client: socket.socket) -> int:
    """How many bytes came before the connection ended."""
    number = 0
    with suppress(ConnectionResetError):
        while part := client.recv(100_000):
            number += len(part)
    return number
