"""The bodies of what is read over REST, field by field, against what was worked out by hand."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from oauth2_provider.models import AccessToken, Application

from citizens.actions.consent import withdraw_consent
from citizens.enums import Role
from scoring.enums import RuleSetStatus, RunFailure, RunPhase, RunStatus, RunTrigger
from scoring.models import Movement, RuleSet, Run
from sesame_site.kit.rest.problems import MEDIA_TYPE
from tests import cast

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


@pytest.fixture
def clerk(client):
    client.force_login(cast.clerk())
    return cast.clerk()


def get(client, address, **query):
    return client.get(f"/api/v1/{address}", query).json()


def pages(client, address, way="next", **query):
    """The results of one page after another, as the links lead."""
    answer, seen = get(client, address, **query), []
    while True:
        seen.append(answer["results"])
        if answer[way] is None:
            return seen
        link = urlsplit(answer[way])
        answer = client.get(f"{link.path}?{link.query}").json()


@pytest.fixture
def alice(client):
    """Alice at 600 + 300 − 200 = 700 on her own; her partner at 450 takes 0.4 · 150 = 60 of it: she is at 640."""
    cast.a_rule_set()
    alice, _ = cast.partners(bills=30)
    client.force_login(alice.user)
    return alice


@pytest.mark.django_db(transaction=True)
def test_a_score_field_by_field(client, alice):
    run = cast.rescore()
    answer = get(client, "me/score/")
    assert parse_datetime(answer.pop("as_of")) == run.as_of
    assert answer == {"score": 640, "band": "good", "rule_set": 1, "unscored_code": "", "unscored_reason": ""}


@pytest.mark.django_db(transaction=True)
def test_an_explanation_field_by_field(client, alice):
    cast.rescore()
    answer = get(client, "me/explanation/")
    assert [answer[name] for name in ("score", "band", "next_band", "points_to_next")] == [640, "good", "excellent", 10]
    assert [answer[name] for name in ("own", "network")] == [pytest.approx(700), -60]
    lines = [(line["kind"], line["subject"], round(line["points"], 2), line["label"]) for line in answer["lines"]]
    assert lines == [
        ("base", "", 600, "Base"),
        ("rule", "bill_paid_on_time", 300, "Bill paid on time"),
        ("rule_limit", "bill_paid_on_time", -200, "Limit of “Bill paid on time”"),
        ("network", "", -60, "Network effect"),
    ]
    never = {"half_life_days": None, "expiry_days": None}
    bills = {"name": "Bill paid on time", "events": 1, "amount": 30, "unit": "time", "rule_points": 10}
    assert answer["lines"][1]["facts"] == bills | never
    assert answer["lines"][2]["facts"] == {"name": "Bill paid on time", "most": 100}
    assert answer["lines"][1]["note"] == "Reported once. It does not fade: 30 times, at +10 points per time."
    assert answer["lines"][2]["note"] == "“Bill paid on time” gives or takes at most 100."


@pytest.mark.django_db(transaction=True)
def test_who_has_no_score_gets_every_field_empty(client, alice):
    nothing = {"score": None, "band": None, "as_of": None, "rule_set": None}
    words = {"unscored_code": "no_run", "unscored_reason": "Nobody has been scored yet."}
    assert get(client, "me/score/") == nothing | words
    withdraw_consent(acting_user=alice.user, citizen=alice, source=cast.bank())
    run = cast.rescore()
    words = {"unscored_code": "no_consent", "unscored_reason": "No source has consent, so nothing may be said."}
    answer = get(client, "me/explanation/")
    assert parse_datetime(answer.pop("as_of")) == run.as_of
    more = dict.fromkeys(("own", "network", "next_band", "points_to_next"))
    del nothing["as_of"]
    assert answer == nothing | more | words | {"rule_set": 1, "lines": []}


@pytest.mark.django_db(transaction=True)
def test_history_field_by_field_newest_first(client, alice):
    first = cast.rescore()
    cast.observed(cast.alices_colleague(), cast.bill_paid(), amount=5)  # 500: takes 0.4 · 100
    second = cast.rescore()
    withdraw_consent(acting_user=alice.user, citizen=alice, source=cast.bank())
    third = cast.rescore()
    rows = get(client, "me/history/")["results"]
    assert [parse_datetime(row.pop("as_of")) for row in rows] == [third.as_of, second.as_of, first.as_of]
    assert rows[0] == {"published": None, "own": None, "network": None}
    assert [row["published"] for row in rows[1:]] == [660, 640]
    assert [row["own"] for row in rows[1:]] == pytest.approx([700, 700])
    assert [row["network"] for row in rows[1:]] == [-40, -60]


@pytest.fixture
def movements():
    """Eleven numbers of Alice, some of one moment, and some of a stranger between them."""
    run = Run.objects.create(rule_set=cast.a_rule_set(), trigger=RunTrigger.COMMAND, as_of=NOON)
    days = [0, 0, 0, 1, 2, 2, 2, 2, 3, 4, 4]
    for n, day in enumerate(days):
        for citizen in (cast.alice(), cast.stranger()):
            published = (400 if citizen == cast.alice() else 800) + n
            as_of = NOON + dt.timedelta(days=day)
            Movement.objects.create(citizen=citizen, run=run, rule_set=run.rule_set, as_of=as_of, published=published)
    return [400 + n for n in reversed(range(len(days)))]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 10, 11, 12, 500])
def test_pages_of_history_leave_out_nothing_and_repeat_nothing(client, movements, size):
    client.force_login(cast.alice().user)
    found = pages(client, "me/history/", page_size=size)
    assert [row["published"] for page in found for row in page] == movements
    assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)


def test_pages_lead_back_the_way_they_came(client, movements):
    client.force_login(cast.alice().user)
    last = get(client, "me/history/", page_size=4)
    while last["next"]:
        link = urlsplit(last["next"])
        last = client.get(f"{link.path}?{link.query}").json()
    link = urlsplit(last["previous"])
    back = pages(client, f"me/history/?{link.query}", "previous")
    assert [[row["published"] for row in page] for page in back] == [movements[4:8], movements[:4]]


@pytest.fixture
def rule_sets(clerk):
    """Six rule sets: two retired, one published, one in review, two drafts."""
    for _ in range(2):
        cast.move(cast.a_rule_set(), RuleSetStatus.RETIRED)
    cast.a_rule_set()
    cast.move(cast.a_rule_set(publish=False), RuleSetStatus.IN_REVIEW)
    for _ in range(2):
        cast.a_rule_set(publish=False)


def test_rule_sets_are_listed_field_by_field(client, rule_sets):
    moment = dt.timedelta(hours=1) + NOON
    RuleSet.objects.filter(version=3).update(published_at=moment)
    rows = get(client, "rule-sets/")["results"]
    assert [(row["version"], row["status"]) for row in rows] == [
        (6, "draft"),
        (5, "draft"),
        (4, "in_review"),
        (3, "published"),
        (2, "retired"),
        (1, "retired"),
    ]
    created = parse_datetime(rows[3].pop("created_at"))
    assert created == RuleSet.objects.get(version=3).created_at
    assert rows[3] == {
        "version": 3,
        "name": "Small",
        "status": "published",
        "note": "",
        "published_at": "2026-05-04T13:00:00Z",
        "retired_at": None,
    }


@pytest.mark.parametrize("status", RuleSetStatus)
@pytest.mark.parametrize("size", [1, 50])
def test_rule_sets_are_filtered_by_status_page_after_page(client, rule_sets, status, size):
    found = [row["version"] for page in pages(client, "rule-sets/", status=status, page_size=size) for row in page]
    of = {"draft": [6, 5], "in_review": [4], "published": [3], "retired": [2, 1]}
    assert found == of[status]


def test_a_rule_set_with_its_parts_field_by_field(client, clerk):
    RuleSet.objects.filter(pk=cast.a_rule_set(publish=False, minimum_behaviours=2).pk).update(note="A <b>note</b>")
    answer = get(client, "rule-sets/1/")
    assert parse_datetime(answer.pop("created_at")) <= timezone.now()
    assert answer.pop("dimensions") == [{"key": "credit", "name": "Credit", "room": 250, "note": ""}]
    never = {"half_life_days": None, "expiry_days": None}
    assert answer.pop("rules") == [
        {"behaviour_type": "bill_paid_on_time", "dimension": "credit", "points": 10, "most": 100} | never,
        {"behaviour_type": "loan_overdue", "dimension": "credit", "points": -50, "most": 200} | never,
    ]
    roles = ["child", "colleague", "friend", "neighbour", "parent", "partner", "sibling"]
    assert answer.pop("tie_weights") == [{"role": role, "weight": 1} for role in roles]
    edges = [("Poor", 350), ("Fair", 550), ("Good", 600), ("Excellent", 650), ("Superb", 700)]
    assert answer.pop("bands") == [{"key": name.lower(), "name": name, "lower": lower} for name, lower in edges]
    whole = {"version": 1, "name": "Small", "status": "draft", "note": "A <b>note</b>"}
    weights = {"base": 600, "minimum_behaviours": 2, "drag": 0.4, "lift": 0.2, "theta_drag": 600, "theta_lift": 700}
    weights |= {"cap": 60, "k0": 0, "least_ties": 1, "tie_wait": 0}
    assert answer == whole | weights | {"published_at": None, "retired_at": None}


def a_run(rule_set, **values):
    return Run.objects.create(**{"rule_set": rule_set, "trigger": RunTrigger.COMMAND, "as_of": NOON} | values)


@pytest.fixture
def runs(clerk):
    """Four runs, oldest first: one published, one in force, one that failed, and one under way."""
    rule_set = cast.a_rule_set()
    return [
        a_run(rule_set, status=RunStatus.PUBLISHED, trigger=RunTrigger.SCHEDULE),
        a_run(rule_set, status=RunStatus.PUBLISHED, is_current=True),
        a_run(rule_set, status=RunStatus.FAILED, failure=RunFailure.STOPPED, phase=RunPhase.FOLD),
        a_run(rule_set, trigger=RunTrigger.CONSOLE),
    ]


def test_a_run_field_by_field(client, clerk):
    counts = {"citizens": 7, "scored": 5, "behaviours": 2**40, "ties": 3, "pushes": 2**41, "changed": 4}
    times = {
        f"{name}_at": NOON + dt.timedelta(minutes=n) for n, name in enumerate(["requested", "started", "finished"])
    }
    how = {"phase": RunPhase.DONE, "progress": 1.0, "error_bound": 0.125, "seconds": {"fold": 0.5, "solve": 1.25}}
    run = a_run(cast.a_rule_set(), status=RunStatus.PUBLISHED, is_current=True, **counts, **times, **how)
    answer = {"id": run.pk, "status": "published", "trigger": "command", "rule_set": 1, "is_current": True, "error": ""}
    answer |= {"as_of": "2026-05-04T12:00:00Z", "requested_at": "2026-05-04T12:00:00Z"}
    answer |= {"started_at": "2026-05-04T12:01:00Z", "finished_at": "2026-05-04T12:02:00Z"}
    answer |= counts | {"phase": "done", "progress": 1, "error_bound": 0.125, "seconds": {"fold": 0.5, "solve": 1.25}}
    assert get(client, f"runs/{run.pk}/") == answer
    assert get(client, "runs/")["results"] == [answer]


@pytest.mark.parametrize(
    ("failure", "phase", "words"),
    [
        ("not_picked_up", "waiting", "No worker picked it up in time. Is one running?"),
        ("stopped", "waiting", "What carried it out stopped before anything was done."),
        ("stopped", "solve", "What carried it out stopped in the middle of “Network effect”."),
    ],
)
def test_a_run_that_failed_says_why_in_a_sentence(client, clerk, failure, phase, words):
    run = a_run(cast.a_rule_set(), status=RunStatus.FAILED, failure=failure, phase=phase)
    assert get(client, f"runs/{run.pk}/")["error"] == words


def test_a_run_that_broke_off_says_what_the_error_said(client, clerk):
    broken = {"status": RunStatus.FAILED, "failure": RunFailure.BROKE_OFF, "failure_detail": "disk <full>"}
    assert get(client, f"runs/{a_run(cast.a_rule_set(), **broken).pk}/")["error"] == "disk <full>"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [3, 2, 1, 0]),
        ({"status": "published"}, [1, 0]),
        ({"status": "failed"}, [2]),
        ({"trigger": "schedule"}, [0]),
        ({"trigger": "replay"}, []),
        ({"is_current": "true"}, [1]),
        ({"is_current": "False"}, [3, 2, 0]),
        ({"is_current": "false", "status": "published"}, [0]),
        ({"is_current": "true", "trigger": "schedule"}, []),
        ({"status": ["failed", "published"]}, [1, 0]),
    ],
)
@pytest.mark.parametrize("size", [1, 50])
def test_runs_are_filtered_newest_first(client, runs, query, found, size):
    rows = [row["id"] for page in pages(client, "runs/", page_size=size, **query) for row in page]
    assert rows == [runs[n].pk for n in found]


@pytest.mark.parametrize(
    ("address", "name", "typed"),
    [
        ("runs/", "status", "done"),
        ("runs/", "status", "'; DROP TABLE scoring_run; --"),
        ("runs/", "trigger", "x" * 10_000),
        ("runs/", "is_current", "1"),
        ("runs/", "is_current", ""),
        ("runs/", "page_size", "ten"),
        ("runs/", "page_size", "-1"),
        ("runs/", "page_size", "1.5"),
        ("rule-sets/", "status", "PUBLISHED"),
        ("rule-sets/", "status", "published "),
        ("rule-sets/", "status", "dra\0ft"),
        ("rule-sets/", "page_size", "501"),
        ("rule-sets/", "page_size", ""),
    ],
)
def test_what_a_filter_cannot_be_is_refused_at_its_name(client, clerk, address, name, typed):
    answer = client.get(f"/api/v1/{address}", {name: typed})
    assert (answer.status_code, answer["Content-Type"]) == (400, MEDIA_TYPE)
    body = answer.json()
    assert [wrong["field"] for wrong in body["errors"]] == [name]
    assert body["errors"][0]["reason"].endswith(".")
    assert (body["type"], body["code"], body["status"]) == ("/problems/validation", "validation", 400)
    assert body["detail"] == "1 value was refused; see errors."


@pytest.mark.parametrize("address", ["rule-sets/0/", "rule-sets/99/", f"rule-sets/{'9' * 40}/", "runs/0/", "runs/-1/"])
def test_what_is_not_there_is_a_problem_of_its_own_code(client, clerk, address):
    answer = client.get(f"/api/v1/{address}")
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"], body["code"]) == (404, MEDIA_TYPE, "not_found")
    assert (body["type"], body["title"]) == ("/problems/not_found", "Not Found")


MINE = ("me/score/", "me/explanation/", "me/history/")
SCOPES = dict(zip(MINE, ("score:read", "explanation:read", "history:read"), strict=True))
SCOPES |= {"rule-sets/": "rulesets:read", "runs/": "runs:read"}


def bearer(scope, user=None):
    reader = Application.objects.create(name="A reader", client_type="public", authorization_grant_type="password")
    expires = timezone.now() + dt.timedelta(hours=1)
    AccessToken.objects.create(application=reader, token="a-token", scope=scope, user=user, expires=expires)
    return {"Authorization": "Bearer a-token"}


def refused(answer):
    """The status and code of a problem, once its other fields are seen to go with them."""
    body = answer.json()
    assert answer["Content-Type"] == MEDIA_TYPE
    assert (body["status"], body["type"]) == (answer.status_code, f"/problems/{body['code']}")
    assert body["detail"]
    return answer.status_code, body["code"]


@pytest.mark.parametrize("address", SCOPES)
def test_every_read_needs_its_own_scope_and_no_other(client, address):
    user = cast.with_roles(cast.alice().user, *Role)
    others = " ".join(scope for scope in SCOPES.values() if scope != SCOPES[address])
    answer = client.get(f"/api/v1/{address}", headers=bearer(others, user))
    assert refused(answer) == (403, "forbidden")
    AccessToken.objects.update(scope=SCOPES[address])
    assert client.get(f"/api/v1/{address}", headers={"Authorization": "Bearer a-token"}).status_code == 200


@pytest.mark.parametrize("address", SCOPES)
def test_a_read_without_a_token_says_how_to_sign_in(client, address):
    answer = client.get(f"/api/v1/{address}")
    assert refused(answer) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("address", SCOPES)
def test_a_client_that_acts_for_nobody_reads_of_nobody(client, address):
    answer = client.get(f"/api/v1/{address}", headers=bearer(" ".join(SCOPES.values())))
    assert refused(answer) == ((404, "not_found") if address in MINE else (403, "forbidden"))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", SCOPES)
def test_what_is_read_cannot_be_written(client, address, method):
    user = cast.with_roles(cast.alice().user, *Role)
    answer = getattr(client, method)(
        f"/api/v1/{address}", "{}", "application/json", headers=bearer(SCOPES[address], user)
    )
    assert refused(answer) == (405, "method_not_allowed")
