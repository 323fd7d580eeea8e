"""An application has the scopes that an administrator allows it, in either grant, and no others."""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from oauth2_provider.models import Application

from citizens.actions.sharing import allow_scopes
from citizens.enums import AuditAction, Role
from citizens.models import ApplicationScopes, AuditEntry
from citizens.scopes import scopes_of
from tests import cast
from tests.citizens.portal.test_sharing import alice, allow, asked, landlord, reads, tokens
from tests.migrations import migration
from tests.pages import text

__all__ = ["alice", "landlord"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return cast.account("keeper", Role.RECORD_KEEPER)


def furnisher(*scopes: str) -> Application:
    return cast.an_application(
        *scopes,
        name="The bank's client",
        client_id="bank-client",
        client_secret=cast.PASSWORD,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )


@pytest.mark.parametrize(
    ("allowed", "asks", "status"),
    [
        (["behaviours:write"], "behaviours:write", 200),
        (["behaviours:write"], "behaviours:write runs:read", 400),
        (["runs:read"], "behaviours:write", 400),
        ([], "behaviours:write", 400),
    ],
)
def test_a_client_of_its_own_gets_what_it_is_allowed(client, allowed, asks, status):
    furnisher(*allowed)
    body = {"grant_type": "client_credentials", "client_id": "bank-client", "client_secret": cast.PASSWORD}
    answer = client.post("/o/token/", body | {"scope": asks})
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"] == "invalid_scope"


def test_one_that_nobody_allowed_anything_gets_nothing(client):
    ApplicationScopes.objects.filter(application=furnisher("behaviours:write")).delete()
    body = {"grant_type": "client_credentials", "client_id": "bank-client", "client_secret": cast.PASSWORD}
    assert client.post("/o/token/", body | {"scope": "behaviours:write"}).status_code == 400


def test_a_person_is_not_asked_for_what_is_not_allowed(client, alice, landlord, keeper):
    allow_scopes(acting_user=keeper, application=landlord, scopes=["score:read"])
    assert "See your score and its band" in text(client.get("/o/authorize/", asked()))
    sent_on = client.get("/o/authorize/", asked(scope="score:read explanation:read"))
    assert sent_on.status_code == 302
    assert "error=invalid_scope" in sent_on["Location"]


def test_what_was_given_beyond_it_ends_when_it_is_narrowed(client, alice, landlord, keeper):
    token = allow(client)
    machine = Client()
    assert reads(machine, token["access_token"]) == 200
    allow_scopes(acting_user=keeper, application=landlord, scopes=["score:read"])
    assert reads(machine, token["access_token"]) == 200, "what is still allowed goes on"
    allow_scopes(acting_user=keeper, application=landlord, scopes=["history:read"])
    assert reads(machine, token["access_token"]) == 401
    renewed = tokens(machine, grant_type="refresh_token", refresh_token=token["refresh_token"])
    assert renewed.status_code == 400


def test_an_administrator_ticks_the_scopes_among_the_records(client, landlord, keeper):
    client.force_login(keeper)
    page = reverse("admin:oauth2_provider_application_change", args=[landlord.pk])
    form = client.get(page).context["adminform"].form
    assert form.initial["scopes"] == scopes_of(landlord)
    values = {name: value for name, value in form.initial.items() if value is not None and name != "scopes"}
    answer = client.post(page, values | {"scopes": ["runs:read", "score:read"]})
    assert answer.status_code == 302, text(answer)
    assert scopes_of(landlord) == ["score:read", "runs:read"]
    entry = AuditEntry.objects.get(action=AuditAction.SCOPES_ALLOWED)
    assert (entry.actor, entry.new) == (keeper, ["runs:read", "score:read"])


def test_what_was_given_before_may_be_asked_for_on(client, alice, landlord):
    allow(client)
    source, bank_client = cast.bank(), furnisher()
    source.application = bank_client
    source.save(update_fields=["application"])
    ApplicationScopes.objects.all().delete()
    migration("citizens", "scopes_in_use").allow_what_is_in_use(apps, None)
    assert (scopes_of(landlord), scopes_of(bank_client)) == (["score:read"], ["behaviours:write"])
