"""Commands answer people and programs alike, and their exit code says how it went."""

import json
import sys
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from django.db import ProgrammingError, connection

import manage
from sesame_site.kit.cli import Found, SesameCommand


class Counting(SesameCommand):
    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file")

    def run(self, **options: Any) -> dict[str, Any]:
        self.progress("counting")
        if options["file"] == "drifted":
            raise Found("2 of 3 lines differ.", different=2)
        if options["file"] == "refused":
            raise ValidationError({"file": ["It is empty."]})
        if options["file"].startswith("SELECT"):
            connection.cursor().execute(options["file"])
        with open(options["file"], encoding="utf-8") as lines:  # noqa: PTH123
            return {"lines": len(list(lines))}


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command as typed: exit code, standard output, standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        code = 0
        try:
            Counting().run_from_argv(["manage.py", "count", *words])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_person_reads_words(typed: Any) -> None:
    code, out, _ = typed(__file__)
    assert code == 0
    assert out.startswith("lines: ")


def test_a_program_reads_one_object_and_nothing_else(typed: Any) -> None:
    code, out, err = typed(__file__, "--json")
    assert code == 0
    assert json.loads(out)["lines"] > 10
    assert "counting" in err


def test_something_wrong_is_found(typed: Any) -> None:
    code, out, err = typed("drifted", "--json")
    assert code == 1
    assert json.loads(out) == {"found": "2 of 3 lines differ.", "different": 2}
    assert "2 of 3" in err


@pytest.mark.parametrize("words", [["no-such-file"], ["/"], ["refused"], [], ["x", "--no-such-option"]])
def test_a_wrong_call_is_explained_without_a_traceback(typed: Any, words: list[str]) -> None:
    code, out, err = typed(*words)
    assert code == 2
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err


def test_a_missing_file_is_named(typed: Any) -> None:
    _, _, err = typed("no-such-file")
    assert "no-such-file: No such file or directory" in err


def test_from_python_the_errors_stay_exceptions() -> None:
    with pytest.raises(CommandError, match="file: It is empty"):
        call_command(Counting(), "refused")
    with pytest.raises(Found):
        call_command(Counting(), "drifted")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "words"),
    [("SELECT FROM nowhere", "has no tables yet: run `python manage.py migrate`"), ("SELECT nothing", "is older than")],
)
def test_a_database_without_tables_is_said_in_words(typed: Any, query: str, words: str) -> None:
    code, out, err = typed(query, "--json")
    assert (code, list(json.loads(out))) == (2, ["error"])
    assert words in json.loads(out)["error"]
    assert "Traceback" not in err


@pytest.mark.django_db
def test_a_mistake_in_a_query_stays_one(typed: Any) -> None:
    with pytest.raises(ProgrammingError):
        typed("SELECT FROM FROM")


def test_a_command_that_does_not_exist_is_a_wrong_call(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "nosuch"])
    with pytest.raises(SystemExit) as end:
        manage.main()
    assert end.value.code == 2
    assert "Unknown command: 'nosuch'" in capsys.readouterr().err


OURS = sorted(name for name, app in get_commands().items() if app in {"citizens", "scoring", "sesame_site.demo"})


@pytest.mark.parametrize("name", OURS)
def test_every_command_says_what_it_is_about(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    page = " ".join(command.create_parser("manage.py", name).format_help().split())
    assert str(command.about)
    assert " ".join(str(command.about).split()) in page


def test_there_are_commands_of_ours() -> None:
    assert {"rescore", "follow", "engine", "verify_audit", "demo_town"} <= set(OURS)
