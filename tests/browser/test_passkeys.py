"""Passkeys instead of the password and beside it, in a real browser with an authenticator made of software."""

import json
from urllib.parse import parse_qsl, urlencode

import pytest
from allauth.mfa.models import Authenticator

from tests import cast
from tests.browser.steps import sign_in, sign_out

THIS_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """What keeps the passkeys: it can be emptied, and told that the person does not prove who they are."""

    def __init__(self, page):
        self.browser = page.context.new_cdp_session(page)
        self.browser.send("WebAuthn.enable")
        self.id = self.ask("addVirtualAuthenticator", options=THIS_DEVICE)["authenticatorId"]

    def ask(self, name, **params):
        return self.browser.send(f"WebAuthn.{name}", params)

    def forget(self):
        self.ask("clearCredentials", authenticatorId=self.id)

    def fail_to_recognise(self):
        self.ask("setUserVerified", authenticatorId=self.id, isUserVerified=False)


@pytest.fixture
def alice(transactional_db):
    return cast.alice()


@pytest.fixture
def device(page):
    return Device(page)


def add_a_passkey(page, name: str, *, alone: bool = True) -> None:
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Sign in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("The passkey was added.").wait_for()


def test_a_passkey_signs_in_without_name_or_password(alice, page, device):
    sign_in(page, "alice")
    add_a_passkey(page, "Telephone")
    sign_out(page)

    page.goto("/accounts/login/?next=/why/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("/why/")

    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("row", name="Telephone Signs in alone").wait_for()
    assert Authenticator.objects.get(type="webauthn").last_used_at


def test_a_passkey_is_asked_for_after_the_password(alice, page, device):
    sign_in(page, "alice")
    add_a_passkey(page, "Key ring", alone=False)
    sign_out(page)

    sign_in(page, "alice")
    page.goto("/why/")
    page.get_by_text("This account asks for one thing more.").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("You have no score.").wait_for()


def test_a_passkey_is_renamed_and_removed(alice, page, device):
    sign_in(page, "alice")
    add_a_passkey(page, "Telephone")
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Rename Telephone").click()
    page.get_by_label("Name").fill("Old telephone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old telephone").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("The passkey was removed.").wait_for()
    page.get_by_text("You have no passkey.").wait_for()
    sign_out(page)

    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("This passkey was not accepted").wait_for()


def test_who_cancels_or_is_not_recognised_is_told_so_and_may_try_again(alice, page, device):
    sign_in(page, "alice")
    add_a_passkey(page, "Telephone")
    sign_out(page)
    page.goto("/accounts/login/")
    device.fail_to_recognise()
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    page.get_by_role("alert").get_by_text("Nothing was done").wait_for()
    assert button.is_enabled()
    assert page.url.endswith("/accounts/login/")


def test_a_forged_answer_is_refused(alice, page, device):
    sign_in(page, "alice")
    add_a_passkey(page, "Telephone")
    sign_out(page)
    page.route("**/2fa/webauthn/login/", forge)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("This passkey was not accepted").wait_for()


def forge(route):
    """Sends the answer on as if somebody else had signed it."""
    if route.request.method != "POST":
        return route.continue_()
    form = dict(parse_qsl(route.request.post_data))
    answer = json.loads(form["credential"])
    answer["response"]["signature"] = answer["response"]["clientDataJSON"]
    return route.continue_(post_data=urlencode(form | {"credential": json.dumps(answer)}))


def test_one_passkey_on_a_device_is_enough(alice, page, device):
    sign_in(page, "alice")
    add_a_passkey(page, "Telephone")
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("This device already keeps a passkey of yours.").wait_for()


@pytest.mark.parametrize("script", ["delete window.PublicKeyCredential", None], ids=["old browser", "no script"])
def test_without_passkeys_the_page_says_so_and_the_password_works(alice, browser, live_server, script):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=script is not None)
    page = context.new_page()
    if script:
        page.add_init_script(script)
    page.goto("/accounts/login/")
    assert page.get_by_role("button", name="Sign in with a passkey").is_disabled()
    assert page.get_by_text("Passkeys need script").is_visible()
    sign_in(page, "alice")
    page.get_by_text("You have no score.").wait_for()
    context.close()
