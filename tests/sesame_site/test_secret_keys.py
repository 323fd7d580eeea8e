"""A new SECRET_KEY signs nobody out and spoils no form, as long as the earlier one is named as a fallback."""

import json
import subprocess
import sys

import pytest
from django.test import Client

from sesame_site.kit.pages.seen import Seen
from tests import cast
from tests.worker import ROOT

EARLIER, NOW = "a key that somebody may have read", "a key that nobody has read yet"
LATER_PROCESS = """
import json, sys, django
django.setup()
from django.test import Client, RequestFactory
from sesame_site.kit.pages.seen import Seen
session, seen = sys.argv[1:]
client = Client()
client.cookies["sessionid"] = session
page = client.get("/console/")
form = RequestFactory().post("/", {"seen": seen})
print(json.dumps({"page": page.status_code, "seen": Seen("one page").sent_with(form)}))
"""


@pytest.fixture
def earlier(settings, transactional_db) -> tuple[str, str]:
    """A session, and a form on somebody's screen, from before the change."""
    settings.SECRET_KEY = EARLIER
    client = Client()
    client.force_login(cast.clerk())
    return client.cookies["sessionid"].value, Seen("one page").sign({"threshold": 600})


def afterwards(environment: dict[str, str], earlier: tuple[str, str]) -> dict[str, object]:
    """How a process that was started with the new key receives them."""
    environment = environment | {"SECRET_KEY": NOW, "ALLOWED_HOSTS": "testserver"}
    command = [sys.executable, "-c", LATER_PROCESS, *earlier]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def test_who_is_signed_in_stays_so_and_forms_still_count(live_environment, earlier):
    named = live_environment | {"SECRET_KEY_FALLBACKS": EARLIER}
    assert afterwards(named, earlier) == {"page": 200, "seen": {"threshold": 600}}


def test_without_a_fallback_neither_does(live_environment, earlier):
    assert afterwards(live_environment, earlier) == {"page": 302, "seen": None}
