"""A backup of one cluster is restored into another, whole or not at all, and everything goes on there."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from sesame_site import services
from tests.worker import ROOT, wait_until

# How much further the first cluster has come than the second.
TRANSACTIONS_AHEAD = 5_000
HEADER = "citizen,behaviour,occurred_at,amount\n"
FIRST_DAYS = HEADER + "".join(
    f"{citizen},{behaviour},2026-0{month}-10,1\n"
    for month in range(1, 7)
    for citizen, behaviour in (("ann", "bill_paid_on_time"), ("bob", "loan_overdue"))
)
LATER = HEADER + "ann,loan_overdue,2026-07-10,3\n"
SEAL = "import django; django.setup(); from citizens.actions.sealing import seal_entries; print(seal_entries())"


class Place(NamedTuple):
    """An installation: its folder `var`, with servers of its own."""

    var: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"SESAME_VAR": str(self.var), "DATABASE_URL": "", "REDIS_URL": "", "SECRET_KEY": ""}

    def says(self, *arguments: Any) -> tuple[int, dict[str, Any]]:
        """The exit code of a command, and what it answers to programs."""
        command = [sys.executable, "manage.py", *map(str, arguments), "--json"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def does(self, *arguments: Any) -> dict[str, Any]:
        code, answer = self.says(*arguments)
        assert code == 0, answer
        return answer

    def query(self, query: str) -> Any:
        with psycopg.connect(services.postgres_url(self.var), autocommit=True) as connection:
            return connection.execute(query).fetchone()[0]  # type: ignore[index,arg-type]

    @contextmanager
    def process(self, name: str) -> Iterator[None]:
        process = subprocess.Popen([sys.executable, "manage.py", name], cwd=ROOT, env=self.environment)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def takes(self, content: str) -> None:
        path = self.var / "behaviours.csv"
        path.write_text(content)
        self.does("import_behaviours", path, "--source", "bank", "--create-source", "--create-citizens")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not one of pytest's, which every session closes to other users, such as that of the embedded PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def old(folder: Path) -> Place:
    """An installation with scores, whose cluster has seen many transactions."""
    place = Place(folder / "old")
    services.postgres_url(place.var)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=place.environment, check=True)
    place.does("install_rule_set")
    place.takes(FIRST_DAYS)
    with psycopg.connect(services.postgres_url(place.var), autocommit=True) as connection:
        for _ in range(TRANSACTIONS_AHEAD):
            connection.execute("SELECT pg_current_xact_id()")
    place.does("rescore")
    return place


@pytest.fixture(scope="module")
def backup(old: Place, folder: Path) -> Path:
    made = old.does("backup", folder)
    assert made["secret_key"]
    return Path(made["file"])


@pytest.fixture(scope="module")
def new(backup: Path, folder: Path) -> Place:
    """Another installation, into which the backup was restored."""
    place = Place(folder / "new")
    services.postgres_url(place.var)
    place.does("restore", backup)
    return place


def test_everything_goes_on_in_another_cluster(old: Place, new: Place) -> None:
    cluster = "SELECT system_identifier FROM pg_control_system()"
    assert old.query(cluster) != new.query(cluster)
    assert (new.var / "secret_key").read_text() == (old.var / "secret_key").read_text()
    pending = "SELECT count(*) FROM citizens_change WHERE applied_at IS NULL"
    new.does("rescore")
    assert new.query(pending) == 0
    seen = new.query("SELECT count(*) FROM scoring_movement")
    with new.process("engine"), new.process("follow"):
        new.takes(LATER)
        wait_until(lambda: new.query("SELECT count(*) FROM scoring_movement") > seen, what="the live change")
        wait_until(lambda: new.query(pending) == 0, what="an empty outbox")
        wait_until(lambda: not new.does("followers")["followers"][0]["lag_movements"], what="the followers")
        assert new.does("verify_scores")["recomputed"] == 2
    subprocess.run([sys.executable, "-c", SEAL], cwd=ROOT, env=new.environment, check=True)
    assert new.does("verify_audit")["unsealed"] == 0
    assert new.query("SELECT max(number) FROM citizens_databasecluster") == 1


def test_what_is_there_is_not_overwritten_unless_told(new: Place, backup: Path) -> None:
    runs = new.query("SELECT count(*) FROM scoring_run")
    code, answer = new.says("restore", backup)
    assert (code, "--overwrite" in answer["error"]) == (2, True)
    assert new.query("SELECT count(*) FROM scoring_run") == runs
    with psycopg.connect(services.postgres_url(new.var)):
        code, answer = new.says("restore", backup, "--overwrite")
        assert (code, "Stop all processes" in answer["error"]) == (2, True)
    new.does("restore", backup, "--overwrite")
    assert new.query("SELECT count(*) FROM scoring_run") == 1
    assert new.does("verify_scores")["drifted"] == 0


def torn(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def flipped(whole: bytes) -> bytes:
    return whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :]


@pytest.mark.parametrize("damage", [torn, flipped, lambda whole: b"This is no backup."])
def test_a_damaged_file_changes_nothing(new: Place, backup: Path, tmp_path: Path, damage: Any) -> None:
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(damage(backup.read_bytes()))
    runs = new.query("SELECT count(*) FROM scoring_run")
    code, answer = new.says("restore", damaged, "--overwrite")
    assert (code, "the database is as it was" in answer["found"]) == (1, True)
    assert new.query("SELECT count(*) FROM scoring_run") == runs > 0


def test_wrong_calls_say_what_is_wrong(old: Place, backup: Path, tmp_path: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    for arguments, words in (
        (("backup", backup), "exists already"),
        (("backup", tmp_path / "nowhere" / "file"), "There is no folder"),
        (("restore", tmp_path / "nothing"), "No such file"),
    ):
        code, answer = old.says(*arguments)
        assert (code, words in answer["error"]) == (2, True), answer


def test_a_dump_that_fails_leaves_no_file(old: Place, tmp_path: Path) -> None:
    with psycopg.connect(services.postgres_url(old.var)) as connection:
        connection.execute("CREATE ROLE locked_out LOGIN")
        connection.execute("GRANT SELECT ON django_migrations TO locked_out")
        connection.commit()
    try:
        address = services.postgres_url(old.var).replace("postgres@", "locked_out@")
        limited = subprocess.run(
            [sys.executable, "manage.py", "backup", str(tmp_path), "--json"],
            cwd=ROOT, env=old.environment | {"DATABASE_URL": address}, capture_output=True, text=True,
        )  # fmt: skip
    finally:
        with psycopg.connect(services.postgres_url(old.var)) as connection:
            connection.execute("DROP OWNED BY locked_out")
            connection.execute("DROP ROLE locked_out")
    assert limited.returncode == 1, limited.stdout
    assert "ermission denied" in limited.stdout
    assert list(tmp_path.iterdir()) == []
