"""The importers on real networks as first published, and on files that are broken."""

import csv
import gzip
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from citizens.enums import TieKind
from citizens.models import Behaviour, Citizen, Consent, Tie
from scoring.actions.installation import install_behaviour_types
from sesame_site.kit.cli import Found
from tests import cast

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real networks is not beside the repository")

pytestmark = pytest.mark.django_db


def a_file(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@real_data
def test_facebook_friendships_and_again():
    for _ in range(2):
        call_command("import_ties", DATA / "ego-facebook.txt.gz", kind="friend", create_citizens=True)
        assert (Citizen.objects.count(), Tie.objects.count()) == (4_039, 88_234)
    assert Consent.objects.filter(origin="import", receipt="ego-facebook.txt.gz").count() == 4_039


@real_data
def test_a_family_tree_keeps_parents_and_children_apart():
    """Over centuries some married again, and the file has no dates: every marriage after the first is set aside."""
    file = DATA / "royal92-relations.csv.gz"
    options = {"map": "kind=type,first=to,second=from", "kinds": "spouse=partner", "create_citizens": True}
    with pytest.raises(Found, match=f"{marriages_of_the_married(file)} lines could not be used"):
        call_command("import_ties", file, **options)
    child, parent = Citizen.objects.get(key="2"), Citizen.objects.get(key="0")
    tie = Tie.objects.of(child).of(parent).get()
    assert tie.role_for(child) == TieKind.PARENT
    assert tie.role_for(parent) == TieKind.CHILD
    assert Tie.objects.count() == 4_862 - marriages_of_the_married(file)


def marriages_of_the_married(file: Path) -> int:
    """How many couples there are, in the order of the file, of whom one is married by then."""
    with gzip.open(file, "rt") as lines:
        couples = [{row["from"], row["to"]} for row in csv.DictReader(lines) if row["type"] == "spouse"]
    married: set[str] = set()
    again = 0
    for couple in couples:
        again += bool(couple & married)
        married |= set() if couple & married else couple
    return again


@real_data
def test_ratings_as_behaviours_and_as_ties():
    install_behaviour_types()
    ratings = DATA / "soc-sign-bitcoin-otc.csv.gz"
    options = {"source": "otc", "create_source": True, "behaviour": "peer_rating", "create_citizens": True}
    for _ in range(2):
        call_command("import_behaviours", ratings, map="citizen=2,amount=3,occurred_at=4", **options)
        assert Behaviour.objects.count() == 35_592
    first = Behaviour.objects.get(citizen__key="2", occurred_at__lt="2010-11-08T18:46Z", amount=4)
    assert first.occurred_at.timestamp() == pytest.approx(1289241911.72836)
    call_command("import_ties", ratings, kind="colleague", map="first=1,second=2", create_citizens=True)
    assert (Tie.objects.count(), Citizen.objects.count()) == (21_492, 5_881)


def test_comments_self_links_and_both_directions(tmp_path, capsys):
    path = a_file(tmp_path, "# two columns\n1 2\n2 1\n3 3\n")
    call_command("import_ties", path, kind="friend", create_citizens=True, json=True)
    printed = capsys.readouterr().out
    assert '"added": 1' in printed
    assert '"self_links": 1' in printed
    assert '"duplicates": 1' in printed


def test_unknown_citizens_are_set_aside_with_line_and_reason(tmp_path, settings):
    settings.SESAME_VAR = tmp_path
    cast.consent(cast.alice())
    cast.bill_paid()
    good = "citizen,behaviour,occurred_at,amount\nalice,bill_paid_on_time,2026-01-01,1\n"
    bad = (
        "nobody,bill_paid_on_time,2026-01-01,1\nalice,bill_paid_on_time,2026-01-01,nan\n"
        "alice,bill_paid_on_time,2999-01-01,1\nalice,unheard_of,2026-01-01,1\n"
    )
    with pytest.raises(Found, match="4 lines could not be used"):
        call_command("import_behaviours", a_file(tmp_path, good + bad), source="bank")
    assert Behaviour.objects.count() == 1, "the good line is kept"
    (quarantine,) = (tmp_path / "quarantine").iterdir()
    lines = quarantine.read_text().splitlines()
    assert lines[1].startswith("3,unknown citizen “nobody”")
    assert lines[2].startswith('4,"The amount must be from \N{MINUS SIGN}1,000,000,000 to 1,000,000,000."')
    assert lines[3].startswith("5,occurred_at 2999-01-01 is before 1900 or after tomorrow")
    assert lines[4].startswith("6,unknown behaviour type “unheard_of”")


@pytest.mark.parametrize(
    ("content", "name", "options", "words"),
    [
        (b"", "empty.csv", {}, "there are no rows in it"),
        (b"\x00\x01\x02,\x00", "junk.csv", {}, "not a text file"),
        (b"\xff\xfe\xfa", "latin.csv", {}, "not UTF-8"),
        # Without the time of day, which names the test otherwise, and so differs from one test worker to the next.
        (gzip.compress(b"1 2\n" * 99, mtime=0)[:-12], "cut.txt.gz", {}, "damaged or cut off"),
        (b"1 2\n", "plain.gz", {}, "damaged or cut off"),
        (b"1,2\n", "few.csv", {"map": "first=1,second=9"}, "no column “9” for “second”"),
        (b"1,2\n", "odd.csv", {"map": "frist=1"}, "“frist” is none of them"),
        (b"1,2\n", "zero.csv", {"map": "first=0,second=1"}, "counts columns from 1"),
        (b"PAR1", "short.parquet", {}, "cannot be read"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence_and_changes_nothing(tmp_path, content, name, options, words):
    with pytest.raises(CommandError, match=words):
        call_command("import_ties", a_file(tmp_path, content, name), kind="friend", create_citizens=True, **options)
    assert not Citizen.objects.exists()


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CommandError, match="there is no such file"):
        call_command("import_ties", tmp_path / "nowhere.csv", kind="friend")
