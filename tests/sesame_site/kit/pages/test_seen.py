"""What a person had before them comes back as it was, or not at all."""

import pytest
from django.core import signing
from django.test import RequestFactory

from sesame_site.kit.pages.seen import Seen

PAGE = Seen("one page")


def sent(text):
    return RequestFactory().post("/", {"seen": text})


def test_what_was_seen_comes_back():
    assert PAGE.sent_with(sent(PAGE.sign({"threshold": 600}))) == {"threshold": 600}


@pytest.mark.parametrize(
    "text",
    ["", "x", "forged:signature", PAGE.sign({"a": 1})[:-1], Seen("another page").sign({"a": 1}), PAGE.sign(7)],
    # What is signed has the time in it, and every process that runs tests must call them the same.
    ids=["nothing", "a letter", "a forgery", "cut short", "of another page", "not an object"],
)
def test_what_was_altered_or_belongs_to_another_page_does_not(text):
    assert PAGE.sent_with(sent(text)) is None


def test_what_the_page_cannot_read_does_not():
    page = Seen("one page", lambda facts: facts["terms"])
    assert page.sent_with(sent(signing.dumps({}, salt="one page"))) is None
