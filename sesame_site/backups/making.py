"""Makes a backup of the database as it is at one moment, while everything goes on."""

import subprocess
from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from sesame_site.backups import archive
from sesame_site.backups.programs import folder_for, pour, running, server_version, version_of
from sesame_site.kit.secret import secret_that_is_kept


def make_backup(path: Path) -> archive.About:
    """Writes the whole file, or none. Raises ProgramFailed where PostgreSQL's programs fail, and OSError."""
    server = server_version()
    programs = folder_for(server)
    about = archive.About(
        made_at=timezone.now().isoformat(timespec="seconds"),
        server=server,
        programs=version_of(programs),
        migrations=sorted(map(list, MigrationRecorder(connection).applied_migrations())),
    )
    dump = [programs / "pg_dump", "--format=custom", "--no-owner", "--no-privileges"]
    with archive.being_written(path) as file:
        file.writestr(archive.ABOUT, about.as_json())
        if key := secret_that_is_kept():
            file.writestr(archive.SECRET_KEY, key)
        with running(dump, stdout=subprocess.PIPE) as process, file.open(archive.DUMP, "w", force_zip64=True) as member:
            # PostgreSQL has compressed it already.
            pour(process.stdout, member)
    return about
