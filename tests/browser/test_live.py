"""An open page, a furnisher at another door, and an engine between the two."""

import json
import urllib.request
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from oauth2_provider.models import Application

from citizens.models import Behaviour, Change
from scoring.models import Run
from tests import cast
from tests.browser.steps import sign_in
from tests.worker import an_engine, wait_until


@pytest.fixture
def furnish(transactional_db, live_server):
    """Posts as the bank's own programme would, over HTTP and with a token."""
    application = cast.an_application(
        "behaviours:write",
        name="The bank's client",
        client_id="bank-client",
        client_secret=cast.PASSWORD,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    source = cast.bank()
    source.application = application
    source.save(update_fields=["application"])
    identity = {"client_id": "bank-client", "client_secret": cast.PASSWORD, "scope": "behaviours:write"}
    form = urlencode(identity | {"grant_type": "client_credentials"}).encode()
    with urllib.request.urlopen(f"{live_server.url}/o/token/", form) as answer:
        token = json.load(answer)["access_token"]

    def post(**event: object) -> dict[str, object]:
        body = json.dumps({"behaviours": [{"occurred_at": timezone.now().isoformat()} | event]}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{live_server.url}/api/v1/behaviours/", body, headers)
        with urllib.request.urlopen(request) as answer:
            found: dict[str, object] = json.load(answer)
            return found

    return post


def test_the_page_moves_when_a_behaviour_arrives(town, page, furnish, live_environment):
    sign_in(page, "alice")
    number = page.locator(".number")
    assert number.inner_text() == "590"
    with an_engine(live_environment):
        wait_until(lambda: Run.objects.current().live_at is not None, what="the engine to serve")
        event = {"citizen": "alice", "type": "bill_paid_on_time", "external_id": "bill-3", "amount": 5}
        assert furnish(**event) == {"accepted": 1, "duplicates": 0, "refused": []}
        page.locator(".number", has_text="640").wait_for(timeout=60_000)
        # Sent again, as a furnisher may that got no answer: nothing is counted twice.
        assert furnish(**event)["accepted"] == 0
        wait_until(lambda: not Change.objects.pending().exists(), what="everything to be applied")
    assert number.inner_text() == "640"
    assert page.get_by_text("with what came until").is_visible()
    assert Behaviour.objects.filter(external_id="bill-3").count() == 1
