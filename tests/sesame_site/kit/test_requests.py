"""The log tells that somebody searched, and never for what."""

import logging

import pytest

from tests import cast

WORDS = "eleonora"


@pytest.mark.django_db
def test_what_people_search_for_stays_out_of_the_log(client, caplog):
    client.force_login(cast.clerk())
    with caplog.at_level(logging.INFO):
        client.get("/console/citizens/", {"q": WORDS})
        client.get("/nowhere/", {"q": WORDS})
        client.raise_request_exception = False
    assert "GET /console/citizens/" in caplog.text
    assert "GET /nowhere/" in caplog.text
    assert WORDS not in caplog.text


@pytest.mark.django_db
def test_not_even_when_a_page_breaks(client, caplog, monkeypatch):
    client.force_login(cast.clerk())
    client.raise_request_exception = False
    monkeypatch.setattr("sesame_site.home.rights_of", lambda user: 1 / 0)
    with caplog.at_level(logging.INFO):
        assert client.get("/", {"q": WORDS}).status_code == 500
    assert "request_failed" in caplog.text
    assert WORDS not in caplog.text
