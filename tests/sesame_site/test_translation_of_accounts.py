"""The pages on which an account proves who it is, in a language without plain letters."""

import os

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.template.loader import render_to_string
from django.urls import get_resolver, reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tests import cast
from tests.pseudo import plain_words, pseudo_language

# What the account and its passkey are called.
DATA = ("clerk", "my telephone")
FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT

# What the addresses of the second factor answer to who is signed in and has every kind, where it is no page.
NO_PAGE = {"mfa_authenticate": 302, "mfa_activate_totp": 302, "mfa_login_webauthn": 302}


@pytest.fixture
def clerk(client):
    """Signed in, and having just given the password once more."""
    clerk = cast.clerk()
    client.force_login(clerk)
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    return clerk


def passkey(user):
    """A passkey as a browser hands it over, of a device that vouches for nothing but the key itself."""
    key = ES256.from_cryptography_key(generate_private_key(SECP256R1()).public_key())
    credential = AttestedCredentialData.create(b"\0" * 16, os.urandom(16), key)
    device = AuthenticatorData.create(b"\0" * 32, FLAGS, 0, credential)
    answer = {
        "id": websafe_encode(credential.credential_id),
        "rawId": websafe_encode(credential.credential_id),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(CollectedClientData.create("webauthn.create", b"a", "http://localhost")),
            "attestationObject": websafe_encode(AttestationObject.create("none", device, {})),
        },
    }
    data = {"name": "my telephone", "credential": answer}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def addresses():
    """The names of the addresses of the second factor, each with whether it is about one passkey."""
    found = get_resolver().reverse_dict.lists()
    return {name: "pk" in ways[-1][0][0][1] for name, ways in found if str(name).startswith("mfa_")}


def walked(client, **values):
    """The plain words of every page, and the statuses of what is no page."""
    words, no_page = {}, {}
    with pseudo_language():
        for name, is_about_one in addresses().items():
            answer = client.get(reverse(name, kwargs=values if is_about_one else {}))
            if answer.status_code != 200:
                no_page[name] = answer.status_code
            elif answer["Content-Type"].startswith("text/html"):
                words[name] = plain_words(answer.content.decode(), data=DATA)
    return words, no_page


@pytest.mark.django_db
def test_an_account_with_every_kind_of_second_factor_reads_no_plain_english_word(client, clerk):
    TOTP.activate(clerk, generate_totp_secret())
    RecoveryCodes.activate(clerk)
    words, no_page = walked(client, pk=passkey(clerk).pk)
    assert no_page == NO_PAGE
    assert {name: found for name, found in words.items() if found} == {}
    assert len(words) + len(no_page) == len(addresses()) - 1, "all but the file of codes, which is plain text"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"])
def test_an_account_without_a_second_factor_reads_no_plain_english_word(client, clerk, name):
    with pseudo_language():
        answer = client.get(reverse(name))
        assert answer.status_code == 200
        secret = getattr(answer.context.get("form"), "secret", "clerk")
        assert plain_words(answer.content.decode(), data=(*DATA, secret)) == []


@pytest.mark.django_db
def test_the_page_that_asks_for_the_second_factor_has_no_plain_english_word(client):
    clerk = cast.clerk()
    TOTP.activate(clerk, generate_totp_secret())
    passkey(clerk)
    client.post(reverse("account_login"), {"login": clerk.username, "password": cast.PASSWORD})
    with pseudo_language():
        answer = client.get(reverse("mfa_authenticate"))
        assert answer.status_code == 200
        assert plain_words(answer.content.decode(), data=DATA) == []


@pytest.mark.parametrize("name", ["webauthn_added", "webauthn_removed"])
def test_what_is_said_of_a_passkey_has_no_plain_english_word(name):
    with pseudo_language():
        words = render_to_string(f"mfa/messages/{name}.txt")
        assert words.strip()
        assert plain_words(words) == []
