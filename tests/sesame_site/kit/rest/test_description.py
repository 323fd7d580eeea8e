"""The OpenAPI description is made once, whoever asks, and is the same bytes from then on."""

import threading

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from sesame_site.kit.rest import description

MANY = 8


@pytest.fixture
def makings(monkeypatch) -> list[object]:
    """One entry for each time that it is made, of a process that has just started."""
    made: list[object] = []
    make = SchemaGenerator.get_schema

    def counted(self, **options):
        made.append(self)
        return make(self, **options)

    monkeypatch.setattr(description, "_made", {})
    monkeypatch.setattr(SchemaGenerator, "get_schema", counted)
    return made


def test_several_who_ask_at_once_after_a_start_get_one_description(makings):
    begin, answers = threading.Barrier(MANY), []

    def ask() -> None:
        client = Client(raise_request_exception=False)
        begin.wait()
        answers.append(client.get("/api/schema/"))

    threads = [threading.Thread(target=ask) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * MANY
    assert len({answer.content for answer in answers}) == 1
    assert len(makings) == 1


def test_each_form_is_made_once(client, makings):
    for _ in range(2):
        assert client.get("/api/schema/", headers={"Accept": "application/json"}).json()["openapi"] == "3.1.0"
        assert client.get("/api/schema/", {"lang": "en-gb"}).content.startswith(b"openapi: 3.1.0")
        assert client.get("/api/schema/", {"lang": "a-language-nobody-speaks"}).content.startswith(b"openapi: 3.1.0")
    assert len(makings) == 2


def test_who_has_it_already_is_told_so(client, makings):
    etag = client.get("/api/schema/")["ETag"]
    again = client.get("/api/schema/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/schema/", headers={"If-None-Match": '"another"'}).status_code == 200
