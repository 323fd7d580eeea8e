"""The embedded servers live exactly as long as any process uses them, however those end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
USER = """
import signal, sys
from pathlib import Path
from sesame_site import services
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started with it ignored
print(services.{service}_url(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""

User = subprocess.Popen[str]


@pytest.fixture
def starts(tmp_path: Path) -> Iterator[Callable[..., User]]:
    """Start a process that uses a server until its standard input closes."""
    users: list[User] = []

    def start(service: str = "postgres", var: Path = tmp_path / "var") -> User:
        command = [sys.executable, "-c", USER.format(service=service), str(var)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        user = subprocess.Popen(command, cwd=ROOT, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload]
        users.append(user)
        return user  # type: ignore[no-any-return]

    yield start
    for user in users:
        user.kill()
        user.communicate()


def address_given_to(user: User) -> str:
    assert user.stdout is not None
    address = user.stdout.readline().strip()
    assert address, user.stderr.read() if user.stderr else ""
    return address


def leave(user: User) -> None:
    user.communicate("")


def answers(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def soon(happens: Callable[[], bool], seconds: float = 10) -> bool:
    give_up_at = time.monotonic() + seconds
    while not (happened := happens()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return happened


def test_two_processes_share_one_server_and_the_last_stops_it(starts: Callable[..., User]) -> None:
    first, second = starts(), starts()
    address = address_given_to(first)
    assert address_given_to(second) == address
    leave(first)
    assert answers(address)
    leave(second)
    assert not answers(address), "the last user waits until the server is down"


def test_a_killed_user_neither_stops_the_server_nor_keeps_it_up(starts: Callable[..., User]) -> None:
    killed, other = starts(), starts()
    address = address_given_to(killed)
    address_given_to(other)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert answers(address)
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert soon(lambda: not answers(address)), "nobody uses it any more"


def test_ctrl_c_reaches_the_users_only(starts: Callable[..., User]) -> None:
    interrupted, other = starts(), starts()
    address = address_given_to(interrupted)
    address_given_to(other)
    os.killpg(interrupted.pid, signal.SIGINT)
    interrupted.wait(10)
    assert answers(address)


def test_what_was_written_is_there_next_time(starts: Callable[..., User]) -> None:
    first = starts()
    with psycopg.connect(address_given_to(first)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")
    leave(first)
    with psycopg.connect(address_given_to(starts())) as connection:
        assert connection.execute("SELECT * FROM kept").fetchone() == (1,)


def test_data_that_became_readable_for_others_is_closed_again(starts: Callable[..., User], tmp_path: Path) -> None:
    first = starts()
    address_given_to(first)
    leave(first)
    data = tmp_path / "var" / "services" / "postgres" / "data"
    data.chmod(0o755)
    assert answers(address_given_to(starts()))
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_deep_folder_is_no_obstacle(starts: Callable[..., User], tmp_path: Path) -> None:
    """Socket addresses end at about a hundred bytes; folders do not."""
    deep = tmp_path.joinpath(*["a-rather-long-name-of-a-folder"] * 5)
    assert answers(address_given_to(starts(var=deep)))


def test_a_server_whose_keeper_was_killed_is_brought_up_again(starts: Callable[..., User], tmp_path: Path) -> None:
    address_given_to(starts())
    keeper = int((tmp_path / "var" / "services" / "postgres" / "keeper.lock").read_text())
    os.kill(keeper, signal.SIGKILL)
    assert soon(lambda: answers(address_given_to(starts())))


def test_a_killed_server_is_started_again_and_has_all_that_was_acknowledged(
    starts: Callable[..., User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGOPTIONS")
    address = address_given_to(starts())
    postmaster = tmp_path / "var" / "services" / "postgres" / "data" / "postmaster.pid"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        os.kill(int(postmaster.read_text().splitlines()[0]), signal.SIGKILL)
    assert soon(lambda: answers(address), seconds=30)
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]


def test_a_killed_valkey_is_started_again_at_the_same_address(starts: Callable[..., User], tmp_path: Path) -> None:
    import redis

    with redis.Redis.from_url(address_given_to(starts("valkey"))) as client:
        client.rpush("queue", "task")
        os.kill(client.info()["process_id"], signal.SIGKILL)

        def is_back() -> bool:
            try:
                return client.lrange("queue", 0, -1) == [b"task"]
            except redis.ConnectionError:
                return False

        assert soon(is_back, seconds=30)


def test_valkey_comes_back_where_it_was_when_its_keeper_was_killed(starts: Callable[..., User], tmp_path: Path) -> None:
    address = address_given_to(starts("valkey"))
    os.kill(int((tmp_path / "var" / "services" / "valkey" / "keeper.lock").read_text()), signal.SIGKILL)
    assert soon(lambda: address_given_to(starts("valkey")) == address)


def test_valkey_keeps_its_queue_from_one_time_to_the_next(starts: Callable[..., User]) -> None:
    import redis

    first = starts("valkey")
    with redis.Redis.from_url(address_given_to(first)) as client:
        client.rpush("queue", "task")
    leave(first)
    second = starts("valkey")
    with redis.Redis.from_url(address_given_to(second)) as client:
        assert client.lrange("queue", 0, -1) == [b"task"]


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a folder")
    environment = os.environ | {"SESAME_VAR": str(tmp_path / "var"), "DATABASE_URL": "", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Cannot keep postgres under" in done.stderr
    assert "Traceback" not in done.stderr
