"""The audit trail's filters and its files, read back and held against the table itself."""

import csv
import datetime as dt
import io
import itertools
import json

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from citizens.actions.audit import record
from citizens.console import audit
from citizens.enums import AuditAction, Role, SubjectKind
from citizens.models import AuditEntry
from tests import cast
from tests.pages import soup

pytestmark = pytest.mark.django_db
PAGE = "/console/audit/"
NASTY = [
    "plain", "", "a,b;c", 'say "no"', "two\nlines\r\nand more", "=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "'=1",
    "Zoë, 李雷 \N{PILE OF POO}", "<script>alert(1)</script>", "null", "\N{LINE SEPARATOR}x", "\\",
]  # fmt: skip
VALUES = [None, {}, {"a": None, "b": [1, 2.5, "ü"]}, [], ["x"], "text", "=1", 0, 7, -2.5, True, False]
MARKS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(autouse=True)
def auditor(client):
    user = cast.account("auditor", Role.AUDITOR)
    client.force_login(user)
    return user


@pytest.fixture
def trail():
    """Entries of several people about several things, hours apart, with values that are hard to write down."""
    subjects = [cast.bank(), cast.bill_paid(), cast.alice(), cast.stranger(), SubjectKind.FILE]
    actors = [cast.clerk(), cast.second_clerk(), None]
    actions = [AuditAction.CONSENT_GRANTED, AuditAction.SCORE_VIEWED, AuditAction.RECORD_CHANGED]
    whom = [cast.alice(), cast.stranger(), None]
    for number in range(40):
        entry = record(
            actor=actors[number % 3],
            action=actions[number // 3 % 3],
            subject=subjects[number % 5],
            citizen=whom[number // 2 % 3],
            old=VALUES[number % len(VALUES)],
            new=VALUES[(number + 5) % len(VALUES)],
            reason=NASTY[number % len(NASTY)],
            note=NASTY[(number + 3) % len(NASTY)],
        )
        set_back(entry, timezone.now() - dt.timedelta(hours=40 - number))
    return list(AuditEntry.objects.order_by("-id").select_related("actor"))


def set_back(entry, moment):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        AuditEntry.objects.filter(pk=entry.pk).update(at=moment)
        cursor.execute("SET LOCAL session_replication_role = origin")


def file_of(client, kind, /, **query):
    answer = client.get(PAGE, {**query, "format": kind})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    assert answer["Content-Disposition"].endswith(f'.{kind}"')
    return b"".join(answer.streaming_content).decode()


def lines_of(client, **query):
    # Not splitlines: a line of NDJSON ends with a line feed and with nothing else.
    return [json.loads(line) for line in file_of(client, "ndjson", **query).split("\n")[:-1]]


def rows_of(client, /, **query):
    return list(csv.DictReader(io.StringIO(file_of(client, "csv", **query), newline="")))


def as_told(entry):
    content = entry.content()
    del content["xid"]
    return {**content, "actor": entry.actor and entry.actor.username}


def test_the_lines_are_the_entries_themselves(client, trail):
    found = lines_of(client)
    assert [{**line, "at": parse_datetime(line["at"])} for line in found] == [
        {**as_told(entry), "at": entry.at.replace(microsecond=entry.at.microsecond // 1000 * 1000)} for entry in trail
    ]


def unquoted(cell):
    return cell[1:] if cell[:1] == "'" and cell[1:2] in MARKS else cell


def test_the_rows_are_the_entries_and_no_cell_is_a_formula(client, trail):
    found = rows_of(client)
    assert len(found) == len(trail)
    for row, entry in zip(found, trail, strict=True):
        told = as_told(entry)
        assert [*row] == [*told] == [*audit.COLUMNS]
        assert parse_datetime(row["at"]) == entry.at
        assert not [cell for name, cell in row.items() if cell[:1] in MARKS and name not in ("old", "new")], row
        # A reason that starts with a quotation mark of its own reads like one that was quoted.
        assert unquoted(row["reason"]) in (told["reason"], told["reason"].removeprefix("'"))
        assert (row["actor"], row["action"]) == (told["actor"] or "", told["action"])
        assert (row["subject_id"], row["citizen"]) == (str(told["subject_id"] or ""), str(told["citizen"] or ""))
        assert json.loads(row["facts"]) == told["facts"]
        for name in ("old", "new"):
            if isinstance(told[name], dict | list):
                assert json.loads(row[name]) == told[name]
            else:
                assert unquoted(row[name]) == ("" if told[name] is None else str(told[name]))


SINCE, UNTIL = ((timezone.now() - dt.timedelta(hours=hours)).replace(second=0, microsecond=0) for hours in (30, 9))
FILTERS = {
    "actor": {"clerk": lambda e: e.actor and e.actor.username == "clerk"},
    "citizen": {
        "alice": lambda e: e.citizen_id == cast.alice().pk or about(e, cast.alice()),
        " stranger ": lambda e: e.citizen_id == cast.stranger().pk or about(e, cast.stranger()),
    },
    "action": {"citizen.score_viewed": lambda e: e.action == "citizen.score_viewed"},
    "kind": {
        "citizens.source": lambda e: e.subject_kind == "citizens.source",
        "file": lambda e: e.subject_kind == "file",
        "perks.perk": lambda e: False,
    },
    "since": {f"{SINCE:%Y-%m-%dT%H:%M}": lambda e: e.at >= SINCE},
    "until": {f"{UNTIL:%Y-%m-%dT%H:%M}": lambda e: e.at <= UNTIL},
}


def about(entry, citizen):
    return (entry.subject_kind, entry.subject_id) == (SubjectKind.CITIZEN, citizen.pk)


def combinations():
    names = [name for size in (1, 2, 3) for name in itertools.combinations(FILTERS, size)]
    return [
        dict(zip(name, values, strict=True)) for name in names for values in itertools.product(*map(FILTERS.get, name))
    ]


def test_filters_together_find_what_all_of_them_mean(client, trail):
    """On the page and in both files, and in the files whichever page one looks at."""
    for query in combinations():
        wanted = [entry.pk for entry in trail if all(FILTERS[name][value](entry) for name, value in query.items())]
        assert [line["id"] for line in lines_of(client, **query)] == wanted, query
    for query in combinations()[::7]:
        wanted = [entry for entry in trail if all(FILTERS[name][value](entry) for name, value in query.items())]
        assert [int(row["id"]) for row in rows_of(client, **query, before="1")] == [entry.pk for entry in wanted]
        page = soup(client.get(PAGE, query))
        shown = [row.select_one("time")["datetime"] for row in page.select("tbody tr")]
        assert shown == [f"{entry.at:%Y-%m-%dT%H:%M:%S.%f+00:00}" for entry in wanted], query
        assert ("Nothing matches this filter." in page.get_text()) == (not wanted)


def test_links_to_the_files_keep_the_filter_and_drop_the_page(client, trail):
    page = soup(
        client.get(PAGE, {"actor": "clerk", "citizen": "alice", "before": str(trail[0].pk + 1), "format": "pdf"})
    )
    links = {link.get_text(): link["href"] for link in page.select("a") if link.get_text() in ("CSV", "NDJSON")}
    assert {name: set(href.removeprefix("?").split("&")) for name, href in links.items()} == {
        name: {"actor=clerk", "citizen=alice", f"format={name.lower()}"} for name in ("CSV", "NDJSON")
    }
    boxes = {name: page.find("input", attrs={"name": name})["value"] for name in ("actor", "citizen")}
    assert boxes == {"actor": "clerk", "citizen": "alice"}


@pytest.mark.parametrize("before", ["", "0", "-1", "abc", "1.5", "9" * 18, "9" * 40, "²", "\0"])
def test_a_place_that_is_none_is_the_first_page_or_an_empty_one(client, trail, before):
    answer = client.get(PAGE, {"before": before})
    assert answer.status_code == 200
    assert len(soup(answer).select("tbody tr")) == (0 if before == "0" else 40)


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_file_of_nothing_is_whole(client, kind):
    assert file_of(client, kind).rstrip() == (",".join(audit.COLUMNS) if kind == "csv" else "")


def test_a_file_is_whole_however_many_rows_are_read_at_once(client, trail, monkeypatch):
    everything = [entry.pk for entry in trail]
    for at_once in (1, 7, 40, 41):
        monkeypatch.setattr(audit, "ROWS_AT_ONCE", at_once)
        assert [line["id"] for line in lines_of(client)] == everything
        assert [int(row["id"]) for row in rows_of(client)] == everything


@pytest.mark.parametrize("query", [{"actor": "nobody"}, {"number": "x"}, {"since": "soon"}, {"kind": "cat"}])
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_wrong_filter_makes_no_file(client, trail, query, kind):
    answer = client.get(PAGE, {**query, "format": kind})
    assert (answer.status_code, answer.streaming) == (422, False)
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "query",
    [
        {"since": "0001-01-01T00:00"},
        {"until": "9999-12-31T23:59"},
        {"citizen": "9" * 18},
        {"number": str(2**62)},
        {"citizen": "٣"},
    ],
)
def test_the_ends_of_what_can_be_asked_for_are_answered(client, trail, query):
    assert client.get(PAGE, query).status_code == 200


def test_markup_in_the_trail_is_text(client):
    markup = '<script>alert(1)</script>"'
    record(
        actor=cast.clerk(), action=AuditAction.RECORD_CHANGED, subject=SubjectKind.FILE, name=markup,
        old={markup: markup}, new=markup, reason=markup, **{markup: markup},
    )  # fmt: skip
    answer = client.get(PAGE)
    assert b"<script>alert" not in answer.content
    row = soup(answer).select_one("tbody tr")
    assert [row.q.get_text(), row.select_one(".hint").get_text()] == [markup, markup]
    assert [code.get_text() for code in row.select("dd code")] == [str({markup: markup}), markup, markup]


def test_who_did_it_is_the_system_where_nobody_did(client, trail):
    cells = [row.select("td")[1].get_text() for row in soup(client.get(PAGE)).select("tbody tr")]
    assert cells == [entry.actor.username if entry.actor else "The system" for entry in trail]


def test_the_trail_is_for_those_who_may_read_it(client, trail):
    client.force_login(cast.account("judy", Role.JUDGE))
    for kind in ("", "csv", "ndjson"):
        assert client.get(reverse("console:audit"), {"format": kind}).status_code == 403
