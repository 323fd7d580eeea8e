"""The REST interface keeps its word: whatever it is sent, it answers as its own OpenAPI schema says."""

import base64
import datetime as dt
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test

from citizens.models import Behaviour
from scoring.enums import RuleSetStatus
from scoring.models import Run
from sesame_site.kit.rest.problems import MEDIA_TYPE
from sesame_site.wsgi import application
from tests import cast

pytestmark = pytest.mark.django_db

SCOPES = {
    "citizen": "score:read explanation:read history:read",
    "furnisher": "behaviours:write",
    "clerk": "rulesets:read runs:read",
}
EXAMPLES = 15
SIGNALS = (request_started, request_finished)


@pytest.fixture
def tokens():
    """A token for each of the clients: Alice's, the bank's, which acts for nobody, and the clerk's."""
    clients = {who: a_client(who) for who in SCOPES}
    for who, user in {"citizen": cast.alice().user, "furnisher": None, "clerk": cast.clerk()}.items():
        a_token(who, clients[who], user=user)
    source = cast.bank()
    source.application = clients["furnisher"]
    source.save(update_fields=["application"])
    cast.consent(cast.alice(), source)
    cast.bill_paid()


@pytest.fixture
def town(tokens):
    """Two runs with a number for Alice each, and a rule set that is retired, one published and one drafted."""
    cast.move(cast.a_rule_set(), RuleSetStatus.RETIRED)
    cast.a_rule_set()
    cast.a_rule_set(publish=False)
    for _ in range(2):
        cast.observed(cast.alice(), cast.bill_paid())
        cast.rescore()


def a_client(who: str) -> Application:
    return Application.objects.create(
        name=who,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )


def a_token(who: str, client: Application, **more: Any) -> AccessToken:
    expires = timezone.now() + dt.timedelta(hours=1)
    return AccessToken.objects.create(application=client, token=who, scope=SCOPES[who], expires=expires, **more)


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def operations(settings):
    """Every operation of the schema that the site serves, by name. An error of ours is shown, not answered with 500."""
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    for signal in SIGNALS:  # as Django's own test client does: a test's transaction needs its connection
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi("/api/schema/", application)
    schema.config.generation.update(max_examples=EXAMPLES, deterministic=True)
    yield {found.ok().definition.raw["operationId"]: found.ok() for found in schema.get_all_operations()}
    for signal in SIGNALS:
        signal.connect(close_old_connections)


def scope_of(operation: Any) -> str:
    (scope,) = operation.definition.raw["security"][0]["oauth2"]
    return scope


def every_case_of(operation: Any, attempt: Any) -> None:
    """Calls `attempt` with what the schema has as examples, at its limits and beyond them, and at random but alike."""
    config = HypothesisTestConfig(
        project=operation.schema.config,
        modes=list(HypothesisTestMode),
        settings=operation.schema.config.get_hypothesis_settings(operation=operation),
    )
    create_test(operation=operation, test_func=attempt, config=config)()


def of_alice(case: Any) -> None:
    """Makes the events of a valid batch ones that can be taken: hers, and of a known type."""
    if case.operation.path == "/api/v1/behaviours/" and case.meta.generation.mode.is_positive:
        for event in case.body["behaviours"]:
            event |= {"citizen": "alice", "type": "bill_paid_on_time"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", SCOPES)
def test_every_call_is_answered_as_documented(town, operations, subtests, who):
    def attempt(case):
        of_alice(case)
        case.call_and_validate(headers=bearing(who))

    mine = [operation for operation in operations.values() if scope_of(operation) in SCOPES[who]]
    assert mine
    for operation in mine:
        with subtests.test(operation.label):
            every_case_of(operation, attempt)
    if who == "furnisher":
        assert Behaviour.objects.count() > 5, "some batches were taken"


@pytest.mark.django_db(transaction=True)
def test_what_is_there_is_shown_as_documented(town, operations):
    def get(name, query=None, **place):
        owner = next(who for who, scopes in SCOPES.items() if scope_of(operations[name]) in scopes)
        case = operations[name].Case(path_parameters=place, query=query or {})
        answer = case.call_and_validate(headers=bearing(owner))
        assert answer.status_code == 200
        return answer.json()

    assert get("my_score")["score"] == 620
    assert get("my_explanation")["lines"]
    for name, rows in (("my_history", 2), ("list_rule_sets", 3), ("list_runs", 2)):
        first = get(name, {"page_size": 1})
        second = get(name, {"page_size": 1, "cursor": parse_qs(urlsplit(first["next"]).query)["cursor"][0]})
        assert first["results"] != second["results"]
        assert (second["previous"] is None, second["next"] is None) == (False, rows == 2)
    assert {get("get_rule_set", version=n)["status"] for n in (1, 2, 3)} == {"retired", "published", "draft"}
    current = Run.objects.current()
    assert get("get_run", id=current.pk)["is_current"]
    assert [row["id"] for row in get("list_runs", {"is_current": "true"})["results"]] == [current.pk]


@pytest.mark.parametrize("external_id", ["invoice 1", "2026/11/1", "né\n\t😀", " ", "%2F"])
def test_whatever_was_furnished_can_be_retracted(tokens, operations, external_id):
    event = {"citizen": "alice", "type": "bill_paid_on_time", "occurred_at": "2026-01-01T00:00:00Z"}
    furnish, retract = (operations[name] for name in ("furnish_behaviours", "retract_behaviour"))
    body = {"behaviours": [event | {"external_id": external_id}]}
    taken = furnish.Case(body=body, media_type="application/json").call_and_validate(headers=bearing("furnisher"))
    assert taken.json() == {"accepted": 1, "duplicates": 0, "refused": []}
    place = {"external_id": quote(external_id, safe="")}
    case = retract.Case(path_parameters=place, body={"reason": "Wrong person"}, media_type="application/json")
    assert case.call_and_validate(headers=bearing("furnisher")).status_code == 204
    assert Behaviour.objects.get(external_id=external_id).is_retracted


def test_without_the_right_token_every_call_is_refused_as_documented(tokens, operations):
    AccessToken.objects.create(
        application=Application.objects.get(name="clerk"),
        user=cast.clerk(),
        token="yesterday's",
        scope=" ".join(SCOPES.values()),
        expires=timezone.now() - dt.timedelta(days=1),
    )
    for operation in operations.values():
        place = {"external_id": "1", "version": 1, "id": 1}
        case = operation.Case(path_parameters=place, body={}, media_type="application/json")
        for headers in ({}, bearing("nobody's"), bearing("yesterday's"), {"Authorization": "Bearer"}):
            answer = case.call(headers=headers)
            case.validate_response(answer)
            assert answer.status_code == 401, (operation.label, headers)
            assert answer.headers["www-authenticate"][0].startswith("Bearer ")
        for who in SCOPES:
            if scope_of(operation) not in SCOPES[who]:
                answer = case.call(headers=bearing(who))
                case.validate_response(answer)
                assert answer.status_code == 403, (operation.label, who)


def test_too_many_calls_are_refused_as_documented(tokens, operations, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "0/min", "user": "2/min"})
    case = operations["furnish_behaviours"].Case(body={}, media_type="application/json")
    answers = [case.call_and_validate(headers=bearing("furnisher")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429], "a client is no stranger"
    assert int(answers[-1].headers["retry-after"][0]) > 0


def test_every_operation_says_what_it_does_and_how_it_refuses(operations):
    for operation in operations.values():
        said = operation.definition.raw
        assert said["description"]
        assert scope_of(operation) in settings.OAUTH2_PROVIDER["SCOPES"]
        assert len(said["security"]) == (1 if operation.method == "post" else 2), "a browser session may only read"
        refusals = {code: answer for code, answer in said["responses"].items() if code >= "400"}
        assert {"400", "401", "403", "406", "429"} <= refusals.keys()
        assert ("404" in refusals) == (operation.label != "POST /api/v1/behaviours/")
        assert ({"413", "415"} <= refusals.keys()) == (operation.method == "post")
        for answer in said["responses"].values():
            assert answer["description"]
        for answer in refusals.values():
            assert list(answer["content"]) == [MEDIA_TYPE]
        assert refusals["401"]["headers"].keys() == {"WWW-Authenticate"}
        assert refusals["429"]["headers"].keys() == {"Retry-After"}


AN_EVENT = '{"behaviours": [{"citizen": "alice", "type": "bill_paid_on_time", "external_id": "1", %s}]}'


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("[" * 100_000, "application/json", 400),
        ('{"behaviours":' * 100_000, "application/json", 400),
        (AN_EVENT % f'"occurred_at": "2026-01-01T00:00:00Z", "amount": 1{"0" * 400}', "application/json", 400),
        (AN_EVENT % f'"occurred_at": "2026-01-01T00:00:00Z", "amount": 1{"0" * 5_000}', "application/json", 400),
        (AN_EVENT % '"occurred_at": "2026-01-01T00:00:00Z", "amount": 1e999', "application/json", 400),
        (AN_EVENT % '"occurred_at": "2026-01-01T00:00:00Z", "amount": true', "application/json", 400),
        (AN_EVENT % '"occurred_at": "0001-01-01T00:00:00+23:59"', "application/json", 400),
        (AN_EVENT % '"occurred_at": "9999-12-31T23:59:59-23:59"', "application/json", 400),
        (AN_EVENT % '"occurred_at": 0', "application/json", 400),
        ('{"behaviours": [], "\\ud800": "\\udfff"}', "application/json", 400),
        (" " * 2_700_000, "application/json", 413),
        (b"{}", "application/json; charset=zlib", 400),
        ("{}", "text/csv", 415),
        ("{}", "", 415),
        ("a" * 2_700_000, "application/x-www-form-urlencoded", 415),
        ("no parts", "multipart/form-data", 415),
    ],
)
def test_a_body_nobody_expects_is_refused(tokens, client, body, content_type, status):
    answer = client.generic("POST", "/api/v1/behaviours/", body, content_type, headers=bearing("furnisher"))
    assert (answer.status_code, answer["Content-Type"]) == (status, MEDIA_TYPE)
    assert answer.json()["status"] == status


def a_cursor(text: str) -> str:
    return f"cursor={quote(base64.b64encode(text.encode()).decode())}"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (a_cursor("p=yesterday"), 404),
        (a_cursor("p=%00"), 404),
        (a_cursor("p=" + "9" * 30), 200),
        (a_cursor("p=" + "9" * 5_000), 404),
        (a_cursor("o=many"), 404),
        (a_cursor("r=1&r=2&p="), 404),
        ("cursor=é", 404),
        ("page_size=0", 400),
        ("page_size=501", 400),
        ("page_size=" + "9" * 5_000, 400),
        ("status=", 400),
        ("status=%00", 400),
        ("is_current=perhaps", 400),
        ('status="draft"', 400),
        ("status=%ZZ", 400),
        ("status=%FF", 400),
    ],
)
def test_a_query_nobody_expects_is_refused(tokens, client, query, status):
    answer = client.get("/api/v1/runs/", headers=bearing("clerk"), QUERY_STRING=query)
    assert answer.status_code == status
    assert status == 200 or answer["Content-Type"] == MEDIA_TYPE


def test_a_cursor_by_date_that_no_answer_gave_leads_nowhere(tokens, client):
    for position in ("yesterday", "%00", "2026-99-99", "9" * 30):
        answer = client.get("/api/v1/me/history/", headers=bearing("citizen"), QUERY_STRING=a_cursor(f"p={position}"))
        assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE), position


@pytest.mark.parametrize("address", ["", "runs/abc/", f"runs/{'9' * 5_000}/", "runs/1%00/", "behaviours//retraction/"])
def test_an_address_that_leads_nowhere_is_a_problem_for_programs_and_a_page_for_people(client, address):
    answer = client.get(f"/api/v1/{address}")
    assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE)
    assert client.get(f"/console/{address}nowhere").headers["Content-Type"].startswith("text/html")


def test_our_own_mistakes_are_problems_too(client, monkeypatch):
    monkeypatch.setattr("scoring.api.me.citizen_of", lambda user: 1 / 0)
    client.force_login(cast.clerk())
    client.raise_request_exception = False
    answer = client.get("/api/v1/me/score/")
    assert (answer.status_code, answer["Content-Type"]) == (500, MEDIA_TYPE)
    assert "division" not in answer.content.decode()


def test_other_answers_than_json_are_not_to_be_had(tokens, client):
    answer = client.get("/api/v1/runs/", headers=bearing("clerk") | {"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (406, MEDIA_TYPE)
