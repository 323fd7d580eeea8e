"""PostgreSQL's own programs: those of the server's version where there are any, else those of the embedded one."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.conninfo import conninfo_to_dict

from sesame_site.kit.database.dsn import libpq_uri
from sesame_site.services import postgres

LINES_SHOWN = 3
BYTES_AT_ONCE = 1 << 20


class ProgramFailed(Exception):
    """A program of PostgreSQL ended with an error; the message has its last words."""


def folder_for(server: int, *, dump: int = 0) -> Path:
    """Where the programs are that suit a server of this major version and a dump made by programs of that one."""
    found = shutil.which("pg_dump")
    own = Path(found).parent if found else None
    shipped = postgres.program("pg_dump").parent
    suitable = [path for path in (own, shipped) if path and (path / "psql").exists() and version_of(path) >= server]
    exact = [path for path in suitable if version_of(path) == server and version_of(path) >= dump]
    if chosen := exact or [path for path in suitable if version_of(path) >= dump]:
        return chosen[0]
    raise ProgramFailed(
        _("The programs found here are too old for PostgreSQL %(version)s. Install pg_dump and psql of that version.")
        % {"version": max(server, dump)}
    )


def server_version() -> int:
    """The major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def version_of(folder: Path) -> int:
    """The major version of the programs in a folder."""
    said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


@contextmanager
def running(command: list[Any], **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program on Django's database and waits for it at the end; raises ProgramFailed if it fails."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=_environment(), stderr=said, **streams)
        try:
            with suppress(BrokenPipeError):  # It ended early, and says why.
                yield process
        except ProgramFailed:
            # Another one that reads from this one, or writes to it, and may have failed because this one did.
            if not _end_of(process):
                raise
        except BaseException:
            process.kill()
            raise
        finally:
            _end_of(process)
        if process.returncode:
            said.seek(0)
            lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
            raise ProgramFailed(" / ".join(lines[:LINES_SHOWN]) or str(command[0]))


def pour(source: IO[bytes] | None, into: IO[bytes] | None) -> None:
    """Copies what is left of one stream into another."""
    assert source is not None
    assert into is not None
    shutil.copyfileobj(source, into, BYTES_AT_ONCE)


def tell(process: subprocess.Popen[bytes], words: str) -> None:
    """Writes to the program at once."""
    assert process.stdin is not None
    process.stdin.write(words.encode())
    process.stdin.flush()


def _end_of(process: subprocess.Popen[bytes]) -> int:
    """Lets the program come to its end, and returns its exit code."""
    for stream in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if stream is not None:
                stream.close()
    return process.wait()


def _environment() -> dict[str, str]:
    """The connection by environment, so that no list of processes shows the password; no limits of time hold."""
    parts = conninfo_to_dict(libpq_uri())
    names = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
    given = {names[name]: str(value) for name, value in parts.items() if name in names}
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | given
