"""The demo refuses what cannot work before it builds anything, and says where it is served."""

import socket
import sys

import pytest
from django.core.management import call_command

from sesame_site.demo import __main__ as demo
from sesame_site.demo.standing import claim, where
from tests import cast

ADDRESS = "http://localhost:8123"


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """`make demo` as typed, over a folder of its own: exit code and what it says. It never gets to serve."""
    monkeypatch.setenv("SESAME_VAR", str(tmp_path / "var"))
    monkeypatch.setattr(demo, "serve", lambda *_, **__: pytest.fail("it was not refused"))

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["demo", *words])
        try:
            code = demo.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, capsys.readouterr().err

    return run


def a_free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_one_town_is_served_once(typed, tmp_path):
    assert claim(tmp_path / "var", ADDRESS) is None
    code, words = typed("--port", a_free_port())
    assert code == 2
    assert f"already running at {ADDRESS}; stop it with Ctrl-C there, or with make demo-stop" in words


@pytest.mark.parametrize("citizens", ["10", "49", "1000001", "many"])
def test_a_town_of_an_absurd_size_is_refused(typed, tmp_path, citizens):
    code, words = typed("--citizens", citizens, "--port", a_free_port())
    assert code == 2
    assert f"a town has 50 to 1,000,000 citizens, not '{citizens}'" in words
    assert not (tmp_path / "var").exists()


def test_a_folder_that_cannot_be_made_is_named(typed, tmp_path):
    (tmp_path / "var").write_text("a file, not a folder")
    code, words = typed("--port", a_free_port())
    assert code == 2
    assert f"Nothing can be kept under {tmp_path / 'var'}" in words


def test_nobody_serves_where_nobody_claimed(tmp_path):
    assert where(tmp_path) is None
    (tmp_path / "demo.lock").write_text(ADDRESS)  # left by one that has ended
    assert where(tmp_path) is None


def test_where_none_runs_there_is_none_to_stop(typed):
    code, words = typed("--stop")
    assert (code, words) == (0, "No demo runs here.\n")


@pytest.mark.django_db
def test_the_sign_ins_name_the_address_of_the_demo_that_runs(settings, tmp_path, capsys):
    settings.SESAME_VAR = tmp_path
    cast.account("ada")
    call_command("signins")
    assert "http://localhost:8000" in capsys.readouterr().out
    claim(tmp_path, ADDRESS)
    call_command("signins")
    assert ADDRESS in capsys.readouterr().out
