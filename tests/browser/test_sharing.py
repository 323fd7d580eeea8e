"""A landlord asks for a score: the tenant is sent over, allows it, is sent back, and takes it back later."""

import base64
import hashlib
import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from oauth2_provider.models import Application

from tests import cast
from tests.browser.steps import say_who_one_is, sign_in

VERIFIER = "a-verifier-that-is-long-enough-for-the-standard-to-take-it"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Site(HTTPServer):
    came_back: dict[str, str]


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.came_back = dict(parse_qsl(urlsplit(self.path).query))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<link rel=icon href=data:,><h1>Back at the landlord</h1>")

    def log_message(self, *words):
        pass


class Landlord:
    """An application of somebody else: a site to come back to, and a programme that asks over HTTP."""

    def __init__(self, sesame: str):
        self.sesame = sesame
        self.site = Site(("localhost", 0), Page)
        self.address = f"http://localhost:{self.site.server_port}/back"

    @property
    def came_back(self) -> dict[str, str]:
        return self.site.came_back

    @property
    def question(self) -> str:
        asked = {
            "response_type": "code",
            "client_id": "landlord",
            "redirect_uri": self.address,
            "scope": "score:read",
            "state": "flat-7",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"/o/authorize/?{urlencode(asked)}"

    def fetch_token(self, **grant: str) -> tuple[int, dict[str, str]]:
        return self._ask("/o/token/", urlencode({"client_id": "landlord"} | grant).encode())

    def exchange_code(self) -> tuple[int, dict[str, str]]:
        grant = {"code": self.came_back["code"], "redirect_uri": self.address, "code_verifier": VERIFIER}
        return self.fetch_token(grant_type="authorization_code", **grant)

    def read_score(self, token: str) -> tuple[int, dict[str, str]]:
        return self._ask("/api/v1/me/score/", headers={"Authorization": f"Bearer {token}"})

    def _ask(self, path: str, form: bytes | None = None, headers: dict[str, str] | None = None):
        try:
            with urllib.request.urlopen(urllib.request.Request(self.sesame + path, form, headers or {})) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refusal:
            return refusal.code, json.load(refusal)


@pytest.fixture
def landlord(transactional_db, live_server):
    landlord = Landlord(live_server.url)
    cast.an_application(
        "score:read",
        "explanation:read",
        "history:read",
        name="The landlord",
        client_id="landlord",
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=landlord.address,
    )
    threading.Thread(target=landlord.site.serve_forever, daemon=True).start()
    yield landlord
    landlord.site.shutdown()
    landlord.site.server_close()


def test_a_score_is_shared_and_withdrawn(town, page, landlord):
    page.goto(landlord.question)
    say_who_one_is(page, "alice")
    page.get_by_role("heading", name="May The landlord read this?").wait_for()
    assert page.get_by_role("main").get_by_role("listitem").all_inner_texts() == ["See your score and its band"]
    page.get_by_role("button", name="Allow", exact=True).click()

    page.get_by_role("heading", name="Back at the landlord").wait_for()
    assert landlord.came_back["state"] == "flat-7"
    status, tokens = landlord.exchange_code()
    assert status == 200, tokens
    status, score = landlord.read_score(tokens["access_token"])
    assert (status, score["score"]) == (200, 590)

    page.goto("/consents/")
    page.get_by_role("link", name="Applications").click()
    page.get_by_text("Withdraw…").click()
    page.get_by_role("button", name="Withdraw from The landlord").click()
    page.get_by_text("Withdrawn. The landlord can read nothing of yours from now on.").wait_for()
    assert landlord.read_score(tokens["access_token"])[0] == 401
    assert landlord.fetch_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])[0] == 400


def test_who_does_not_allow_it_is_sent_back_too(town, page, landlord):
    sign_in(page, "alice")
    page.goto(landlord.question)
    page.get_by_role("button", name="Don’t allow").click()
    page.get_by_role("heading", name="Back at the landlord").wait_for()
    assert landlord.came_back["error"] == "access_denied"
    assert "code" not in landlord.came_back
