"""What a data furnisher meets at the door, with a real token."""

import datetime as dt
import json

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from citizens.access import Consented
from citizens.actions import behaviours
from citizens.actions.behaviours import retract
from citizens.api.behaviours import ObservationSerializer
from citizens.enums import ChangeKind, Context
from citizens.models import Behaviour, Change, Source
from scoring.actions.installation import install_behaviour_types
from tests import cast

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/behaviours/"


@pytest.fixture
def application():
    return cast.an_application(
        "behaviours:write",
        "runs:read",
        name="The bank's client",
        client_id="bank-client",
        client_secret=cast.PASSWORD,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )


def token(client, scope: str = "behaviours:write") -> str:
    body = {"grant_type": "client_credentials", "client_id": "bank-client", "client_secret": cast.PASSWORD}
    return client.post("/o/token/", body | {"scope": scope}).json()["access_token"]


@pytest.fixture
def furnish(client, application):
    """Sends a body as the bank's client, with Alice consenting and her sister not."""
    source = cast.bank()
    source.application = application
    source.save(update_fields=["application"])
    cast.consent(cast.alice(), source)
    cast.alices_sister()
    cast.bill_paid()
    bearer = {"Authorization": f"Bearer {token(client)}"}

    def send(body: object, address: str = ADDRESS):
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return client.post(address, text, content_type="application/json", headers=bearer)

    return send


def an_event(citizen: str = "alice", **changed: object) -> dict[str, object]:
    event = {"citizen": citizen, "type": "bill_paid_on_time", "external_id": "1", "occurred_at": "2026-01-01T00:00:00Z"}
    return event | changed


def test_the_same_batch_twice_adds_nothing(furnish):
    body = {"behaviours": [an_event(), an_event(external_id="2")]}
    assert furnish(body).json() == {"accepted": 2, "duplicates": 0, "refused": []}
    assert furnish(body).json() == {"accepted": 0, "duplicates": 2, "refused": []}
    assert (Behaviour.objects.count(), Change.objects.filter(kind=ChangeKind.BEHAVIOUR).count()) == (2, 2)


def test_other_content_under_the_same_id_is_a_conflict(furnish):
    furnish({"behaviours": [an_event()]})
    answer = furnish({"behaviours": [an_event(amount=5)]}).json()
    assert answer["refused"] == [{"index": 0, "field": "external_id", "reason": "Already used for another behaviour."}]
    assert Behaviour.objects.get().amount == 1


@pytest.mark.parametrize(
    ("stored", "amounts", "refused"),
    [
        (1, [2, 2], [0, 1]),
        (1, [2, 1], [0]),
        (1, [1, 2, 1, 3], [1, 3]),
        (None, [2, 2], []),
        (None, [2, 1, 2], [1]),
    ],
)
def test_a_repeat_in_a_batch_is_compared_with_what_is_stored(furnish, stored, amounts, refused):
    if stored:
        furnish({"behaviours": [an_event(amount=stored)]})
    nobody = an_event("nobody", external_id="2")
    answer = furnish({"behaviours": [*(an_event(amount=amount) for amount in amounts), nobody]}).json()
    assert [refusal["index"] for refusal in answer["refused"]] == [*refused, len(amounts)]
    assert answer["accepted"] == (0 if stored else 1)
    assert answer["duplicates"] == len(amounts) - len(refused) - answer["accepted"]
    assert Behaviour.objects.get().amount == (stored or amounts[0])


def test_an_amount_below_0_is_for_the_types_of_which_it_makes_sense(furnish):
    install_behaviour_types()
    events = [
        an_event(type="loan_overdue", amount=-1_000_000),
        an_event(type="loan_overdue", amount=0, external_id="2"),
        an_event(type="peer_rating", amount=-3, external_id="3"),
        an_event(amount=-0.01, external_id="4"),
    ]
    answer = furnish({"behaviours": events}).json()
    reason = "Amounts of this behaviour type are never below 0."
    assert answer["refused"] == [{"index": index, "field": "amount", "reason": reason} for index in (0, 3)]
    assert set(Behaviour.objects.values_list("type__key", "amount")) == {("loan_overdue", 0), ("peer_rating", -3)}


def test_a_source_speaks_of_its_contexts_only(furnish):
    install_behaviour_types()
    events = [
        an_event(),
        an_event(type="blood_donated", external_id="2"),
        an_event(type="salary_received", external_id="3"),
        an_event(type="nappies_bought", external_id="4", amount=1_000),
    ]
    Source.objects.update(contexts=[Context.FINANCE, Context.WORK])
    answer = furnish({"behaviours": events}).json()
    reason = "This source may speak of: Finance, Work. This behaviour type is of: {}."
    assert answer["accepted"] == 2
    assert answer["refused"] == [
        {"index": 1, "field": "type", "reason": reason.format("Civic")},
        {"index": 3, "field": "type", "reason": reason.format("Shopping")},
    ]


@pytest.mark.parametrize("contexts", [[], [Context.FINANCE]])
def test_what_a_source_may_speak_of_costs_no_query(furnish, django_assert_num_queries, contexts):
    install_behaviour_types()
    Source.objects.update(contexts=contexts)
    keys = ("bill_paid_on_time", "loan_repaid", "blood_donated", "video_games")
    events = [behaviours.Observation("alice", key, key, cast.long_ago()) for key in keys]
    source = Source.objects.get()
    with django_assert_num_queries(6 + 2):  # the six, and a savepoint
        behaviours.furnish(acting_user=None, source=source, observations=events)


def test_what_a_source_said_before_it_was_narrowed_is_kept(furnish):
    install_behaviour_types()
    assert furnish({"behaviours": [an_event(type="blood_donated")]}).json()["accepted"] == 1, "it may speak of anything"
    Source.objects.update(contexts=[Context.FINANCE])
    answer = furnish({"behaviours": [an_event(type="blood_donated", external_id="2")]}).json()
    assert [refusal["field"] for refusal in answer["refused"]] == ["type"]
    assert Behaviour.objects.live().get().type.key == "blood_donated"


def test_nobody_learns_whether_a_person_exists(furnish):
    events = [an_event("alices-sister"), an_event("nobody", external_id="2"), an_event(external_id="3")]
    answer = furnish({"behaviours": events})
    first, second = answer.json()["refused"]
    assert first | {"index": 1} == second
    assert answer.json()["accepted"] == 1, "what is right of a batch is taken"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "behaviours"),
        ({"behaviours": []}, "behaviours"),
        ({"behaviours": [an_event()] * 1_001}, "behaviours"),
        ({"behaviours": [an_event(amount="many")]}, "behaviours[0].amount"),
        ({"behaviours": [an_event(external_id="a\0b")]}, "behaviours[0].external_id"),
        ({"behaviours": [an_event(occurred_at="yesterday")]}, "behaviours[0].occurred_at"),
        ({"behaviours": [an_event(occurred_at="2026-01-01T00:00:00\0Z")]}, "behaviours[0].occurred_at"),
        ({"behaviours": [an_event(citizen={"key": "alice"})]}, "behaviours[0].citizen"),
    ],
)
def test_a_wrong_body_names_the_field(furnish, body, field):
    answer = furnish(body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert not Behaviour.objects.exists()


def test_what_is_misspelt_does_not_count_for_its_default(furnish):
    answer = furnish({"behaviours": [an_event(ammount=5), an_event(type=7)], "dry_run": True})
    assert (answer.status_code, Behaviour.objects.count()) == (400, 0)
    assert answer.json()["errors"] == [
        {"field": "dry_run", "reason": "There is no such field."},
        {"field": "behaviours[0].ammount", "reason": "There is no such field."},
        {"field": "behaviours[1].type", "reason": "Not a valid string."},
    ]


def test_far_too_many_are_refused_before_they_are_looked_at(furnish, monkeypatch):
    looked_at = []
    monkeypatch.setattr(ObservationSerializer, "run_validation", lambda *_: looked_at.append(1))
    answer = furnish({"behaviours": [{}] * 1_001})
    assert answer.json()["errors"] == [
        {"field": "behaviours", "reason": "Ensure this field has no more than 1000 elements."}
    ]
    assert not looked_at


def test_a_body_in_chunks_is_not_taken_for_an_empty_one(client, application):
    bearer = {"Authorization": f"Bearer {token(client)}", "Transfer-Encoding": "chunked"}
    answer = client.generic("POST", ADDRESS, b"", content_type="application/json", headers=bearer)
    assert (answer.status_code, answer["Content-Type"]) == (411, "application/problem+json")
    assert "Content-Length" in answer.json()["detail"]


def test_a_number_of_thousands_of_digits_is_refused_in_words(furnish):
    answer = furnish('{"behaviours": ' + "9" * 5_000 + "}")
    assert answer.json()["detail"] == "JSON parse error - a number has too many digits"


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', b"\xff", '{"behaviours": NaN}'])
def test_what_is_not_an_object_is_refused(furnish, body):
    answer = furnish(body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_retracted_behaviour_is_kept_and_marked(furnish):
    furnish({"behaviours": [an_event()]})
    for _ in range(2):
        assert furnish({"reason": "Wrong person"}, f"{ADDRESS}1/retraction/").status_code == 204
    assert Behaviour.objects.get().is_retracted
    assert furnish({"reason": "Wrong person"}, f"{ADDRESS}2/retraction/").status_code == 404


def test_who_retracts_a_moment_earlier_changes_nothing(furnish, monkeypatch):
    furnish({"behaviours": [an_event()]})

    def another_comes_first(**how):
        retract(**how | {"behaviour": Behaviour.objects.get()})
        return retract(**how)

    monkeypatch.setattr("citizens.api.behaviours.retract", another_comes_first)
    assert furnish({"reason": "Wrong person"}, f"{ADDRESS}1/retraction/").status_code == 204
    assert Change.objects.filter(kind=ChangeKind.BEHAVIOUR).count() == 2


def test_without_token_scope_or_source(client, application):
    assert client.post(ADDRESS, "{}", content_type="application/json").status_code == 401
    for scope in ("runs:read", "behaviours:write"):
        bearer = {"Authorization": f"Bearer {token(client, scope)}"}
        body = json.dumps({"behaviours": [an_event()]})
        answer = client.post(ADDRESS, body, content_type="application/json", headers=bearer)
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert "furnishes for no source" in answer.json()["detail"]


def test_a_person_s_token_furnishes_nothing_whatever_client_fetched_it(client, application, furnish):
    person_s = AccessToken.objects.create(
        user=cast.alice().user,
        application=application,
        token="of-a-person",
        scope="behaviours:write",
        expires=timezone.now() + dt.timedelta(hours=1),
    )
    body = json.dumps({"behaviours": [an_event()]})
    bearer = {"Authorization": f"Bearer {person_s.token}"}
    answer = client.post(ADDRESS, body, content_type="application/json", headers=bearer)
    assert answer.status_code == 403
    assert "a token of its own" in answer.json()["detail"]
    assert not Behaviour.objects.exists()


def test_who_is_deleted_meanwhile_costs_the_others_nothing(furnish, monkeypatch):
    asked, sister = behaviours.consented_keys, cast.alices_sister()
    asked_too_early = iter([{"alices-sister": Consented(sister.pk, [])}])
    sister.delete()
    monkeypatch.setattr(behaviours, "consented_keys", lambda *them: asked(*them) | next(asked_too_early, {}))
    answer = furnish({"behaviours": [an_event(), an_event("alices-sister", external_id="2")]})
    refused = [{"index": 1, "field": "citizen", "reason": behaviours.NOT_YOURS}]
    assert answer.json() == {"accepted": 1, "duplicates": 0, "refused": refused}


def test_the_first_day_of_1900_is_taken_and_the_day_before_is_not(furnish):
    days = ("1899-12-31T23:59:59Z", "1900-01-01T00:00:00Z")
    events = [an_event(occurred_at=day, external_id=day) for day in days]
    answer = furnish({"behaviours": events}).json()
    reason = "Must not be before 1900 or later than tomorrow."
    assert answer["refused"] == [{"index": 0, "field": "occurred_at", "reason": reason}]
    assert answer["accepted"] == 1
