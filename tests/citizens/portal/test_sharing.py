"""Which applications may read what: asked on a page of ours, listed, and taken back."""

import base64
import datetime as dt
import hashlib
from functools import partial
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from citizens.access import citizen_of
from citizens.actions.people import forget, link_account, unlink_account
from citizens.actions.sharing import note_allowed
from citizens.models import Allowance, AuditEntry
from citizens.portal.sharing import shared_by
from tests import cast
from tests.beside import in_a_thread, waits_for_a_lock
from tests.pages import soup
from tests.worker import wait_until

pytestmark = pytest.mark.django_db
VERIFIER = "a-verifier-that-is-long-enough-for-the-standard-to-take-it"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
BACK = "http://localhost:9999/back"


@pytest.fixture
def landlord():
    return cast.an_application(
        "score:read",
        "explanation:read",
        "history:read",
        name="The landlord",
        client_id="landlord",
        client_secret=cast.PASSWORD,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=BACK,
    )


@pytest.fixture
def alice(client, landlord):
    alice = cast.alice()
    client.force_login(alice.user)
    return alice


def asked(**changed):
    question = {
        "response_type": "code",
        "client_id": "landlord",
        "redirect_uri": BACK,
        "scope": "score:read",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return question | changed


def tokens(client, **body):
    credentials = {"client_id": "landlord", "client_secret": cast.PASSWORD}
    return client.post("/o/token/", credentials | body)


def allow(client):
    """Alice allows; the application fetches its tokens."""
    sent_on = client.post(f"/o/authorize/?{urlencode(asked())}", asked(allow="true"))
    code = parse_qs(urlsplit(sent_on["Location"]).query)["code"][0]
    return tokens(client, grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER).json()


def reads(client, token):
    return client.get("/api/v1/me/score/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_the_question_says_who_asks_for_what_until_when_and_how_to_end_it(client, alice):
    page = client.get("/o/authorize/", asked())
    assertContains(page, "May The landlord read this?")
    assertContains(page, "See your score and its band")
    assertContains(page, "30 days")
    assertContains(page, "Withdraw it whenever you like")
    assertContains(page, "go on to localhost")
    assertContains(page, "sesame/app.css")
    assertNotContains(page, "See every line")


def test_not_allowing_gives_nothing(client, alice):
    sent_on = client.post(f"/o/authorize/?{urlencode(asked())}", asked())
    assert parse_qs(urlsplit(sent_on["Location"]).query)["error"] == ["access_denied"]
    assertContains(client.get(reverse("portal:sharing")), "No application may read anything of yours.")


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"redirect_uri": "http://elsewhere.example/"}])
def test_a_request_that_is_not_right_is_answered_in_our_frame(client, alice, wrong):
    page = client.get("/o/authorize/", asked(**wrong))
    assertContains(page, "nothing was shared", status_code=400)
    assertContains(page, "sesame/app.css", status_code=400)


NUL = "a\0b"
NO_PARAMETERS = [{name: NUL} for name in (*asked(), "state", "scope", "nonce", "claims", "resource", "prompt", "x\0")]


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("wrong", NO_PARAMETERS)
def test_what_no_parameter_can_hold_is_answered_in_our_frame(client, alice, wrong, signed_in):
    if not signed_in:
        client.logout()
    address = f"/o/authorize/?{urlencode(asked(**wrong))}"
    for answer in (
        client.get(address),
        client.post(address, asked(allow="true")),
        client.post("/o/authorize/", asked(allow="true", **wrong)),
    ):
        assertContains(answer, "nothing was shared", status_code=400)


@pytest.mark.parametrize(
    "wrong", [{"redirect_uri": "http://["}, {"resource": "http://["}, {"client_id": "nobody"}, {"nonce": "x" * 999}]
)
def test_what_cannot_be_taken_is_answered_in_our_frame(client, alice, wrong):
    answer = client.post("/o/authorize/", asked(allow="true", **wrong))
    assertContains(answer, "nothing was shared", status_code=400)


@pytest.mark.parametrize("question", ["redirect_uri=http://[", "client_id=%zz", urlencode(asked(resource="http://["))])
def test_a_question_that_cannot_be_read_is_answered_in_our_frame(client, alice, question):
    assertContains(client.get(f"/o/authorize/?{question}"), "nothing was shared", status_code=400)


@pytest.mark.parametrize("left_out", ["redirect_uri", "scope", "client_id", "response_type", "everything"])
def test_an_answer_that_arrives_incomplete_says_so(client, alice, left_out):
    body = {} if left_out == "everything" else {k: v for k, v in asked(allow="true").items() if k != left_out}
    page = client.post("/o/authorize/", body)
    assertContains(page, "arrived incomplete", status_code=400)
    assertContains(page, "nothing was shared", status_code=400)
    assertNotContains(page, "Allow", status_code=400)


@pytest.mark.parametrize("door", ["token", "revoke_token"])
@pytest.mark.parametrize(
    "name",
    ["grant_type", "client_id", "client_secret", "code", "redirect_uri", "code_verifier", "refresh_token", "token",
     "scope", "device_code", "resource", "x\0"],
)  # fmt: skip
def test_what_no_parameter_can_hold_is_a_problem_for_machines(client, landlord, door, name):
    device = "urn:ietf:params:oauth:grant-type:device_code"
    for grant in ("authorization_code", "refresh_token", "client_credentials", device):
        body = {"client_id": "landlord", "client_secret": cast.PASSWORD, "grant_type": grant, "token": "a", "code": "a"}
        for answer in (
            client.post(f"/o/{door}/", body | {name: NUL}),
            client.post(f"/o/{door}/?{urlencode({name: NUL})}", body),
        ):
            assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("door", ["token", "revoke_token"])
def test_credentials_in_the_header_hold_no_nul_either(client, landlord, door):
    for credentials in (b"land\0lord:x", b"landlord:x\0", b"land%00lord:x"):
        header = {"Authorization": "Basic " + base64.b64encode(credentials).decode()}
        answer = client.post(f"/o/{door}/", {"grant_type": "client_credentials", "token": "a"}, headers=header)
        assert answer.status_code in (400, 401), credentials


@pytest.mark.parametrize("question", ["client_id=%zz", ""])
def test_what_a_machine_sends_and_cannot_be_read_is_a_problem(client, landlord, question):
    answer = client.post(f"/o/token/?{question}", {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_machines_need_no_token_against_forgery(landlord):
    client = Client(enforce_csrf_checks=True)
    assert tokens(client, grant_type="refresh_token", refresh_token="a").json() == {"error": "invalid_grant"}


def test_what_was_allowed_is_listed_and_withdrawn_for_good(client, alice, landlord):
    given = allow(client)
    page = client.get(reverse("portal:sharing"))
    assertContains(page, "The landlord")
    assertContains(page, "See your score and its band")
    given = tokens(client, grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert reads(client, given["access_token"]) != 401

    stop = reverse("portal:sharing-stop", args=[landlord.pk])
    assertRedirects(client.post(stop), reverse("portal:sharing"))

    assertContains(client.get(reverse("portal:sharing")), "No application may read anything of yours.")
    client.logout()
    assert reads(client, given["access_token"]) == 401
    assert tokens(client, grant_type="refresh_token", refresh_token=given["refresh_token"]).status_code == 400
    assert AuditEntry.objects.filter(action="sharing.stopped", citizen=alice).count() == 1


def test_an_account_switched_off_lets_nobody_read(client, alice):
    cast.observed(alice, cast.bill_paid())
    given = allow(client)
    alice.user.is_active = False
    alice.user.save(update_fields=["is_active"])
    client.logout()
    assert reads(client, given["access_token"]) == 404
    fresh = tokens(client, grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert reads(client, fresh["access_token"]) == 404
    assert citizen_of(alice.user) is None


def test_a_code_not_yet_used_is_withdrawn_too(client, alice, landlord):
    sent_on = client.post(f"/o/authorize/?{urlencode(asked())}", asked(allow="true"))
    code = parse_qs(urlsplit(sent_on["Location"]).query)["code"][0]
    client.post(reverse("portal:sharing-stop", args=[landlord.pk]))
    refused = tokens(client, grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)
    assert refused.status_code == 400


def test_one_withdraws_only_what_is_one_s_own(client, alice, landlord):
    given = allow(client)
    client.force_login(cast.stranger().user)
    assertNotContains(client.get(reverse("portal:sharing")), "The landlord")
    page = client.post(reverse("portal:sharing-stop", args=[landlord.pk]), follow=True)
    assertContains(page, "The landlord can read nothing of yours.")
    assert reads(client, given["access_token"]) != 401


@pytest.mark.parametrize("page", ["applications/", "applications/register/", "authorized_tokens/", "register/"])
def test_citizens_register_no_applications(client, alice, page):
    assert client.get(f"/o/{page}").status_code == 404


def test_what_a_client_reads_about_the_endpoints_names_only_those_there_are(client, db):
    described = client.get("/o/.well-known/oauth-authorization-server").json()
    endpoints = {name: urlsplit(url).path for name, url in described.items() if name.endswith("_endpoint")}
    assert endpoints == {
        "authorization_endpoint": "/o/authorize/",
        "token_endpoint": "/o/token/",
        "revocation_endpoint": "/o/revoke_token/",
    }


def test_what_was_allowed_is_on_record_and_when_it_was_stays(client, alice, landlord):
    asked_before = timezone.now()
    pair = allow(client)
    entry = AuditEntry.objects.get(action="sharing.allowed")
    assert (entry.actor, entry.citizen, entry.subject_name) == (alice.user, alice, "The landlord")
    assert (entry.subject_id, entry.facts) == (landlord.pk, {"scopes": ["score:read"]})
    since = Allowance.objects.get().allowed_at

    AccessToken.objects.update(created=asked_before + dt.timedelta(days=3))
    renewed = tokens(client, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert renewed.status_code == 200
    AccessToken.objects.update(created=asked_before + dt.timedelta(days=6))
    assert [row.since for row in shared_by(alice.user)] == [since]

    allow(client)
    assert [row.since for row in shared_by(alice.user)] == [since], "what is allowed again was allowed before"
    client.post(reverse("portal:sharing-stop", args=[landlord.pk]))
    allow(client)
    assert [row.since for row in shared_by(alice.user)] == [Allowance.objects.standing().get().allowed_at]


def test_not_allowing_is_not_on_record_as_allowing(client, alice):
    client.post(f"/o/authorize/?{urlencode(asked())}", asked())
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("action", [unlink_account, partial(forget, key="alice")])
def test_with_their_citizen_an_account_loses_what_it_allowed(client, alice, action):
    pair = allow(client)
    machine = Client()
    assert reads(machine, pair["access_token"]) != 401
    action(acting_user=cast.clerk(), citizen=alice)
    other = cast.person("other", signs_in=False)
    link_account(acting_user=cast.clerk(), citizen=other, account=alice.user)
    assert reads(machine, pair["access_token"]) == 401
    assert tokens(client, grant_type="refresh_token", refresh_token=pair["refresh_token"]).status_code == 400


def test_an_account_without_a_citizen_withdraws_what_it_allowed(client, landlord):
    client.force_login(cast.clerk())
    page = soup(client.get("/o/authorize/", asked()))
    sharing = page.find("a", string="Applications that may read")["href"]
    token = allow(client)["access_token"]
    page = client.get(sharing)
    assertContains(page, "The landlord")
    assertNotContains(page, 'class="crumbs"')
    assertRedirects(client.post(reverse("portal:sharing-stop", args=[landlord.pk])), sharing)
    assert reads(Client(), token) == 401


@pytest.mark.django_db(transaction=True)
def test_allowing_twice_at_once_is_allowing(client, alice, landlord):
    """A double click: the second waits for what the first has not committed yet, and finds it there."""
    allowing = partial(note_allowed, acting_user=alice.user, application=landlord)
    second = in_a_thread(partial(allowing, scopes=["history:read"]))
    with transaction.atomic():
        allowing(scopes=["score:read"])
        second.start()
        wait_until(lambda: not second.is_alive() or waits_for_a_lock(), seconds=10, what="a lock")
    second.join()
    assert Allowance.objects.get().scopes == ["history:read", "score:read"]
