"""What an import takes, what it sets aside and why, and whose consent it may record."""

import csv
import datetime as dt
import json
import resource
import threading
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from citizens.actions.consent import withdraw_consent
from citizens.enums import ConsentOrigin, Context, TieKind
from citizens.imports import delimited, pipeline
from citizens.imports.behaviours import writing
from citizens.models import Behaviour, BehaviourType, Citizen, Consent, Source, Tie
from citizens.models.behaviours import AMOUNT_OUT_OF_RANGE
from scoring.actions.installation import install_behaviour_types
from sesame_site.kit.cli import CALLED_WRONGLY, Found
from tests import cast

pytestmark = pytest.mark.django_db

HEADER = "citizen,behaviour,occurred_at,amount,external_id\n"
BILL = "alice,bill_paid_on_time,2026-01-01"


@pytest.fixture
def imported(tmp_path, settings, capsys):
    """Imports behaviours of Alice, who consents to the bank: the counts, and the reasons by line."""
    settings.SESAME_VAR = tmp_path
    cast.consent(cast.alice())
    cast.bill_paid()

    def run(content, name="file.csv", command="import_behaviours", **options):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        options = {"source": "bank"} | options if command == "import_behaviours" else options
        try:
            call_command(command, path, json=True, **options)
            return json.loads(capsys.readouterr().out), {}
        except Found as found:
            with open(found.result["quarantine"], newline="") as file:  # noqa: PTH123
                return found.result, {int(row["line"]): row["reason"] for row in csv.DictReader(file)}

    return run


def test_every_wrong_line_says_why(imported):
    cast.alices_sister()
    wrong = {
        "nobody,bill_paid_on_time,2026-01-01,1,": "unknown citizen “nobody”; --create-citizens would create them",
        "alice,unheard_of,2026-01-01,1,": "unknown behaviour type “unheard_of”",
        "alice,,2026-01-01,1,": "unknown behaviour type “”",
        ",bill_paid_on_time,2026-01-01,1,": "a citizen's key must have 1 to 64 characters",
        f"{'x' * 65},bill_paid_on_time,2026-01-01,1,": "a citizen's key must have 1 to 64 characters",
        f"{BILL},many,": "amount “many” is not a number",
        f"{BILL},inf,": str(AMOUNT_OUT_OF_RANGE),
        f"{BILL},2e9,": str(AMOUNT_OUT_OF_RANGE),
        f"{BILL},-3,": "Amounts of this behaviour type are never below 0.",
        f"{BILL},-inf,": str(AMOUNT_OUT_OF_RANGE),
        "alice,bill_paid_on_time,yesterday,1,": "occurred_at “yesterday” is neither ISO 8601 nor a unix time",
        "alice,bill_paid_on_time,1899-12-31,1,": "occurred_at 1899-12-31 is before 1900 or after tomorrow",
        f"{BILL},1,{'x' * 129}": "external_id has 129 characters, 128 are allowed",
        "alice,bill_paid_on_time": "has 2 columns, 5 are needed",
        f"{BILL},1,a\0b": "contains a NUL character",
        f"{BILL},2,first": "external_id “first” stands in line 3 with other content",
        '"alice,bill_paid_on_time,2026-01-01': "has 1 columns, 5 are needed",
        "nobody,unheard_of,never,many,": "unknown behaviour type “unheard_of”",
    }
    result, reasons = imported("# a comment\n" + HEADER + f"{BILL},1,first\n\n" + "\n".join(wrong))
    assert reasons == dict(enumerate(wrong.values(), 5))
    assert (result["read"], result["added"]) == (len(wrong) + 1, 1)


@pytest.mark.parametrize("at_once", [1, 100])
def test_an_amount_below_0_is_for_the_types_of_which_it_makes_sense(imported, monkeypatch, at_once):
    monkeypatch.setattr(delimited, "ROWS_AT_ONCE", at_once)
    install_behaviour_types()
    lines = [("loan_overdue", -2), ("peer_rating", -2), ("loan_overdue", 0), ("peer_rating", 2), ("bill_paid_late", -1)]
    rows = "\n".join(f"alice,{key},2026-01-01,{amount}" for key, amount in lines)
    _, reasons = imported("citizen,behaviour,occurred_at,amount\n" + rows)
    assert reasons == dict.fromkeys((2, 6), "Amounts of this behaviour type are never below 0.")
    kept = Behaviour.objects.values_list("type__key", "amount")
    assert set(kept) == {("peer_rating", -2), ("peer_rating", 2), ("loan_overdue", 0)}


def test_an_amount_beyond_what_is_plausible_is_set_aside(imported):
    BehaviourType.objects.filter(key="bill_paid_on_time").update(plausible_most=31)
    result, reasons = imported(HEADER + f"{BILL},31,one\n{BILL},31.5,two\n{BILL},1000000000,three\n")
    assert result["added"] == 1
    assert reasons == dict.fromkeys(
        (3, 4), "Not plausible: one event of “Bill paid on time” has an amount of 31 at most."
    )


def test_one_identifier_however_it_is_spelled(imported):
    lines = [f"{BILL},1,INV-1", f"{BILL},1,inv 1", f"{BILL},2,Inv_1", f"{BILL},1,INV1"]
    result, reasons = imported(HEADER + "\n".join(lines))
    assert (result["added"], result["already_there"]) == (2, 1)
    assert reasons == {4: "external_id “Inv_1” stands in line 2 with other content"}
    result, reasons = imported(HEADER + f"{BILL},1,inv/1\n{BILL},7,inv/1\n{BILL},3,INV.1\n")
    assert (result["added"], result["already_there"], sorted(reasons)) == (0, 1, [3, 4])
    assert Behaviour.objects.count() == 2


def test_a_file_may_say_since_when_ties_hold(imported):
    people = [cast.person(f"p{number}", signs_in=False) for number in range(6)]
    lines = ["p0,p1,2020-05-01", "p0,p2,", "p0,p3,1500000000", "p0,p4,soon", "p0,p5,2199-01-01"]
    content = "first,second,since\n" + "\n".join(lines)
    result, reasons = imported(content, command="import_ties", kind="friend")
    assert result["added"] == 3
    assert reasons == {
        5: "since “soon” is neither ISO 8601 nor a unix time",
        6: "since 2199-01-01 is before 1900 or has yet to come",
    }
    known = dict(Tie.objects.filter(first=people[0]).values_list("second__key", "since"))
    assert known == {
        "p1": dt.datetime(2020, 5, 1, tzinfo=dt.UTC),
        "p2": None,
        "p3": dt.datetime(2017, 7, 14, 2, 40, tzinfo=dt.UTC),
    }


def test_a_second_partner_is_set_aside(imported):
    people = [cast.person(f"p{number}", signs_in=False) for number in range(6)]
    cast.know_each_other(people[0], people[1], TieKind.PARTNER)
    lines = ["p0,p1,partner", "p2,p0,partner", "p2,p3,partner", "p3,p4,partner", "p3,p4,friend", "p4,p5,partner"]
    result, reasons = imported("first,second,kind\n" + "\n".join(lines), command="import_ties")
    assert reasons == dict.fromkeys((3, 5), "one of the two has a partner already; everybody has one at a time")
    assert (result["added"], result["already_there"]) == (3, 1)
    assert Tie.objects.live().filter(kind=TieKind.PARTNER).count() == 3


@pytest.mark.parametrize("at_once", [1, 100])
def test_a_source_speaks_of_its_contexts_only(imported, monkeypatch, at_once):
    monkeypatch.setattr(delimited, "ROWS_AT_ONCE", at_once)
    install_behaviour_types()
    keys = ("blood_donated", "bill_paid_on_time", "unheard_of", "nappies_bought", "salary_received")
    file = "citizen,behaviour,occurred_at\n" + "\n".join(f"alice,{key},2026-01-01" for key in keys)
    Source.objects.update(contexts=[Context.FINANCE, Context.WORK])
    result, reasons = imported(file)
    words = "This source may speak of: Finance, Work. This behaviour type is of: {}."
    assert reasons == {
        2: words.format("Civic"),
        4: "unknown behaviour type “unheard_of”",
        5: words.format("Shopping"),
    }
    assert result["added"] == 2

    _, reasons = imported("citizen,occurred_at\nalice,2026-01-01\n", behaviour="blood_donated")
    assert reasons == {2: words.format("Civic")}
    Source.objects.update(contexts=[])
    assert set(imported(file)[1]) == {4}


def test_under_a_header_a_line_that_begins_with_a_hash_is_a_record(imported):
    cast.consent(cast.person("#1"))
    result, reasons = imported(HEADER + "#1,bill_paid_on_time,2026-01-01,1,one\n# a remark\n")
    assert (result["added"], reasons) == (1, {3: "has 1 columns, 5 are needed"})


def test_spaces_around_a_text_do_not_count_but_in_what_is_the_source_s_own(imported):
    event = {
        "citizen": " alice ",
        "behaviour": "bill_paid_on_time\t",
        "occurred_at": " 2026-01-01",
        "external_id": " a ",
    }
    assert imported(json.dumps(event), "file.ndjson")[0]["added"] == 1
    assert Behaviour.objects.get().external_id == " a "


def test_reasons_are_the_same_in_small_blocks(imported, monkeypatch):
    monkeypatch.setattr(delimited, "ROWS_AT_ONCE", 2)
    lines = [f"{BILL},{amount}" for amount in ("1", "x", "1", "1", "y", "2")]
    result, reasons = imported("citizen,behaviour,occurred_at,amount\n" + "\n".join(lines))
    assert reasons == {3: "amount “x” is not a number", 6: "amount “y” is not a number"}
    assert result["added"] == 4, "the same content three times is three behaviours"
    assert imported("citizen,behaviour,occurred_at,amount\n" + "\n".join(lines))[0]["already_there"] == 4


def test_an_identifier_made_of_the_content_stays_what_it_was(imported):
    imported(f"citizen,behaviour,occurred_at,amount\n{BILL}T10:00:00.5+02:00,3.50\n")
    kept = Behaviour.objects.get()
    assert kept.external_id == "0fe82ebc919d5d2a3da2a5e6a20c63d5-1"
    assert kept.occurred_at == dt.datetime(2026, 1, 1, 8, 0, 0, 500_000, tzinfo=dt.UTC)
    assert kept.amount == 3.5


def test_an_identifier_already_used_for_something_else_is_a_conflict(imported):
    imported(HEADER + f"{BILL},1,one\n{BILL},1,two\n")
    result, reasons = imported(HEADER + f"{BILL},1,one\n{BILL},5,two\n{BILL},1,three\n{BILL},1,three\n")
    assert reasons == {3: "external_id “two” is already used for another behaviour"}
    assert (result["added"], result["already_there"]) == (1, 2)
    assert Behaviour.objects.get(external_id="two").amount == 1


@pytest.mark.django_db(transaction=True)
def test_what_slips_in_meanwhile_is_compared(imported, monkeypatch):
    """Another writer holds the same external id, not committed yet, while the import looks and then inserts."""
    held, insert = threading.Event(), writing._insert

    def another_writer():
        now = dt.datetime.now(dt.UTC)
        with writing.transaction.atomic():
            Behaviour.objects.create(
                citizen=cast.alice(), type=cast.bill_paid(), source=cast.bank(), external_id="one", occurred_at=now
            )
            held.set()
            threading.Event().wait(0.5)
        connection.close()

    def insert_meanwhile(names):
        writer = threading.Thread(target=another_writer)
        writer.start()
        held.wait(5)
        try:
            return insert(names)
        finally:
            writer.join()

    monkeypatch.setattr(writing, "_insert", insert_meanwhile)
    result, reasons = imported(HEADER + f"{BILL},1,one\n{BILL},1,two\n")
    assert reasons == {2: "external_id “one” is already used for another behaviour"}
    assert (result["added"], Behaviour.objects.count()) == (1, 2)


def test_the_words_of_the_api_are_understood(imported):
    event = {"citizen": "alice", "type": "bill_paid_on_time", "occurred_at": 1767225600, "amount": 2}
    table = pa.Table.from_pylist([event | {"occurred_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}])
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer)
    imported("citizen,type,amount,occurred_at,external_id\nalice,bill_paid_on_time,2,2026-01-01,\n")
    for content, name in ((json.dumps(event), "same.ndjson"), (buffer.getvalue().to_pybytes(), "same.parquet")):
        assert imported(content, name)[0]["already_there"] == 1
    assert Behaviour.objects.count() == 1


@pytest.mark.parametrize("content", ["a,b,c\n1,2,3\n", f"{BILL}\n", "citizen,when\nalice,2026-01-01\n"])
def test_without_the_names_of_columns_nothing_is_guessed(imported, content):
    with pytest.raises(CommandError, match=r"no column “(citizen|occurred_at)”; the columns are .* --map citizen=1,"):
        imported(content, behaviour="bill_paid_on_time", source="new", create_source=True, create_citizens=True)
    assert not Behaviour.objects.exists()
    assert not Source.objects.filter(key="new").exists()
    imported(f"{BILL}\n", map="citizen=1,behaviour=2,occurred_at=3")
    assert Behaviour.objects.count() == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"citizen": {"a": 1}}, "citizen must be text or a whole number, not an object"),
        ({"citizen": True}, "citizen must be text or a whole number, not true or false"),
        ({"citizen": 1.5}, "citizen must be text or a whole number, not a number"),
        ({"citizen": None}, "has no “citizen”"),
        ({"behaviour": ["x"]}, "behaviour must be text or a whole number, not a list"),
        ({"amount": "3"}, "amount must be a number, not text"),
        ({"amount": False}, "amount must be a number, not true or false"),
        ({"amount": 10**300}, str(AMOUNT_OUT_OF_RANGE)),
        ({"occurred_at": {}}, "occurred_at must be a time, not an object"),
        ({"external_id": "\ud800"}, "external_id holds half a character"),
        ({"external_id": "a\0"}, "contains a NUL character"),
    ],
)
def test_a_value_of_the_wrong_kind_is_set_aside(imported, record, reason):
    good = {"citizen": "alice", "behaviour": "bill_paid_on_time", "occurred_at": "2026-01-01", "amount": 1}
    _, reasons = imported("\n".join(map(json.dumps, (good, good | record, [good]))) + "\n{\n", "file.ndjson")
    assert reasons == {2: reason, 3: "is not a JSON object", 4: "is not a JSON object"}
    assert Behaviour.objects.count() == 1


@pytest.mark.parametrize(("head", "rows"), [("a,b", "1,2"), ("from to", "1 2"), ("source,target,w", "1,2,0.5")])
def test_names_over_numbers_are_no_two_people(imported, head, rows):
    with pytest.raises(CommandError, match=r"looks like a header.*--map first="):
        imported(f"{head}\n{rows}\n", command="import_ties", kind="friend", create_citizens=True)
    assert not Tie.objects.exists()
    imported(f"{rows}\n", command="import_ties", kind="friend", create_citizens=True)
    assert Tie.objects.count() == 1


def test_two_columns_of_names_are_ties(imported):
    imported("Acciaiuoli Medici\nMedici Barbadori\n", command="import_ties", kind="friend", create_citizens=True)
    assert Tie.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "content", "how"),
    [
        ("ties.txt", "1 2\n2 3\n", {}),
        ("ties.csv", "first,second,since\n1,2,2019\n2,3,2020\n", {}),
        ("ties.csv", "a,b,kind\n1,2,friend\n2,3,friend\n", {"map": "first=a,second=b"}),
        ("ties.csv", "first,second,kind\n1,2,\n2,3,\n", {}),
        ("ties.ndjson", '{"first": 1, "second": 2}\n{"first": 2, "second": 3}\n', {}),
    ],
)
def test_where_nothing_says_what_the_ties_are_it_asks_for_a_kind_at_once(imported, name, content, how):
    with pytest.raises(CommandError, match=r"Add --kind with one of partner, .*Nothing was imported") as refused:
        imported(content, name=name, command="import_ties", create_citizens=True, **how)
    assert refused.value.returncode == CALLED_WRONGLY
    assert not Tie.objects.exists()
    assert not Citizen.objects.filter(key="1").exists()


@pytest.mark.parametrize("name", ["ties.csv", "ties.ndjson"])
def test_a_column_of_kinds_is_enough(imported, name):
    rows = {"ties.csv": "first,second,kind\n1,2,friend\n2,3,\n",
            "ties.ndjson": '{"first": 1, "second": 2, "kind": "friend"}\n{"first": 2, "second": 3}\n'}  # fmt: skip
    result, reasons = imported(rows[name], name=name, command="import_ties", create_citizens=True)
    assert result["added"] == 1
    assert list(reasons.values()) == ["says no kind, and there is no --kind"]


@pytest.mark.parametrize("was", ["ended", "declined", "turned", "proposed", "live"])
def test_importing_again_revives_nothing(imported, was):
    """Whatever the two made of a tie stays; a parent and a child are one tie, whoever comes first in the file."""
    how = {"name": "ties.txt", "command": "import_ties", "kind": "parent"}
    imported("1 2\n", **how, create_citizens=True)
    now = dt.datetime.now(dt.UTC)
    Tie.objects.update(
        started_at=None if was in ("declined", "proposed") else now,
        ended_at=now if was in ("ended", "declined", "turned") else None,
    )
    kept = Tie.objects.values().get()
    result, _ = imported("2 1\n" if was == "turned" else "1 2\n", **how)
    assert (result["added"], result["already_there"]) == (0, 1)
    assert Tie.objects.values().get() == kept
    assert imported("1 2\n", **how | {"kind": "friend"})[0]["added"] == 1, "another kind is another tie"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("my friends.csv", "import-my-friends"),
        ("Émile's {list}.csv", "import-emiles-list"),
        ("日本.csv", "import"),
        ("x" * 99 + ".csv", "import-" + "x" * 57),
    ],
)
def test_the_source_of_a_file_has_a_key_that_addresses_can_hold(client, imported, name, key):
    imported("1,2\n", name=name, command="import_ties", kind="friend", create_citizens=True)
    source = Source.objects.exclude(key="bank").get()
    assert source.key == key
    source.full_clean()
    client.force_login(cast.alice().user)
    assert client.get(reverse("portal:consents")).status_code == 200


@pytest.mark.parametrize("key", ["my friends", "a/b", "é", "x" * 65])
@pytest.mark.parametrize("command", ["import_ties", "import_behaviours"])
def test_a_source_that_no_address_can_hold_is_refused(imported, command, key):
    if command == "import_ties":
        content, how = "1,2\n", {"kind": "friend"}
    else:
        content, how = HEADER + f"{BILL},1,\n", {"create_source": True}
    with pytest.raises(CommandError, match=r"^--source: “.*” cannot be the key of a new source:"):
        imported(content, command=command, source=key, create_citizens=True, **how)
    assert [source.key for source in Source.objects.all()] == ["bank"]
    assert list(Citizen.objects.values_list("key", flat=True)) == ["alice"]


@pytest.mark.parametrize("key", ["paid a bill", "x" * 65])
def test_a_behaviour_type_that_no_address_can_hold_is_refused(imported, key):
    with pytest.raises(CommandError, match=r"^--behaviour: “.*” cannot be the key of a new behaviour type:"):
        imported(HEADER + f"{BILL},1,\n", behaviour=key, create_behaviour="finance")


def test_ties_then_behaviours_of_those_whom_the_first_file_brought(imported):
    imported("1 2\n2 alice\n", name="ties.txt", command="import_ties", kind="friend", create_citizens=True)
    lines = "citizen,occurred_at\n1,2026-01-01\n2,2026-01-01\nalice,2026-01-01\n"
    how = {"behaviour": "bill_paid_on_time", "source": "otc", "create_source": True}
    _, reasons = imported(lines, **how)
    assert "an import created them" in reasons[2]
    assert reasons[4] == "citizen “alice” has not consented to this source; only they themselves can"
    result, reasons = imported(lines, **how, create_citizens=True)
    assert (result["added"], result["consents_recorded"], list(reasons)) == (2, 2, [4])
    given = Consent.objects.get(citizen__key="1", source__key="otc")
    assert (given.origin, given.receipt) == (ConsentOrigin.IMPORT, "file.csv")
    assert not Consent.objects.filter(citizen=cast.alice(), source__key="otc").exists()


@pytest.mark.parametrize("since", ["an account", "a form", "a form that sounds like an import", "withdrawn", "left"])
def test_no_consent_is_invented_for_who_has_spoken_since(imported, since):
    imported("1 2\n", name="ties.txt", command="import_ties", kind="friend", create_citizens=True)
    person = Citizen.objects.get(key="1")
    if since == "an account":
        person.user = cast.account("one")
        person.save(update_fields=["user"])
    elif since == "a form":
        cast.consent(person)
    elif since == "a form that sounds like an import":
        Consent.objects.create(citizen=person, source=cast.bank(), receipt="Import of furniture, leaflet 3")
    elif since == "withdrawn":
        withdraw_consent(acting_user=cast.clerk(), citizen=person, source=Source.objects.get(key="import-ties"))
    else:
        Citizen.objects.filter(pk=person.pk).update(left_at=dt.datetime.now(dt.UTC))
    how = {"behaviour": "bill_paid_on_time", "source": "otc", "create_source": True, "create_citizens": True}
    _, reasons = imported("citizen,occurred_at\n1,2026-01-01\n", **how)
    assert reasons == {2: "citizen “1” has not consented to this source; only they themselves can"}


@contextmanager
def a_full_disk():
    """No file of this process may grow beyond a few bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


TIES = "alice,alices-sister\nalice,nobody\n"


@pytest.mark.parametrize(
    ("command", "content", "options"),
    [("import_behaviours", f"{HEADER}{BILL},1,\n", {}), ("import_ties", TIES, {"kind": "friend"})],
)
def test_a_quarantine_that_cannot_be_written_is_said_before_anything_is_read(
    imported, tmp_path, monkeypatch, command, content, options
):
    cast.alices_sister()
    (tmp_path / "quarantine").write_text("This is no folder.")
    monkeypatch.setattr(pipeline, "read", lambda *arguments, **options: pytest.fail("It was read."))
    with pytest.raises(CommandError, match="Nothing was imported") as refused:
        imported(content, command=command, **options)
    assert f"{tmp_path / 'quarantine'}" in str(refused.value)
    assert refused.value.returncode == CALLED_WRONGLY


def test_a_disk_that_is_full_when_lines_are_set_aside_imports_nothing(imported, tmp_path):
    cast.alices_sister()
    path = tmp_path / "ties.csv"
    path.write_text(TIES)
    with a_full_disk(), pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_ties", path, kind="friend", json=True)
    assert (Tie.objects.count(), list((tmp_path / "quarantine").iterdir())) == (0, [])
    outcome, reasons = imported(TIES, command="import_ties", kind="friend")
    assert (outcome["added"], list(reasons)) == (1, [2])
