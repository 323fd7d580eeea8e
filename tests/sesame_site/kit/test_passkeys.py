"""What stands in the way of somebody without the passkey, whatever they send."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from sesame_site.kit.accounts.passkeys import NOT_ADDED, NOT_TAKEN
from tests import cast

pytestmark = pytest.mark.django_db

UNREADABLE = {
    "a word": "open sesame",
    "half of it": {"id": "YQ"},
    "empty parts": {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {}},
    "nobody": {
        "id": "YQ",
        "rawId": "YQ",
        "type": "public-key",
        "response": {"clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "YQ", "attestationObject": "YQ"},
    },
}
unreadable = pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)


@pytest.fixture
def alice(client):
    """Signed in, and having just given her password once more."""
    alice = cast.alice()
    client.force_login(alice.user)
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    return alice


@unreadable
def test_an_answer_that_no_browser_gives_signs_nobody_in(client, answer):
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    page = client.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(answer)}, follow=True)
    assertRedirects(page, reverse("account_login"))
    assert not page.wsgi_request.user.is_authenticated
    assertContains(page, NOT_TAKEN)


@unreadable
def test_nor_is_it_kept_as_a_passkey(client, alice, answer):
    assertContains(client.get(reverse("mfa_add_webauthn")), "Add a passkey")
    page = client.post(reverse("mfa_add_webauthn"), {"credential": json.dumps(answer), "passwordless": "on"})
    assertContains(page, NOT_ADDED)
    assert not Authenticator.objects.exists()


def test_the_admin_asks_for_the_second_factor_too(client):
    records = reverse("admin:index")
    page = client.get(records, follow=True)
    assertRedirects(page, reverse("account_login", query={"next": records}))
    client.force_login(cast.alice().user)
    assert client.get(records, follow=True).status_code == 403


def test_who_has_only_an_app_is_asked_for_a_code_alone(client):
    TOTP.activate(cast.alice().user, generate_totp_secret())
    page = client.post(reverse("account_login"), {"login": "alice", "password": cast.PASSWORD}, follow=True)
    assertContains(page, "one thing more")
    assertNotContains(page, "Use a passkey")
    page = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assertContains(page, "Incorrect code.")
    assert not page.wsgi_request.user.is_authenticated
