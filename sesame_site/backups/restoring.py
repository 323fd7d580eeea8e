"""Restores a backup into a database of any cluster, whole or not at all."""

import subprocess
from pathlib import Path
from zipfile import ZipFile

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sesame_site.backups import archive
from sesame_site.backups.programs import (
    ProgramFailed,
    folder_for,
    pour,
    running,
    server_version,
    tell,
    version_of,
)
from sesame_site.kit.secret import keep_secret

TABLES = """
    SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
"""
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND coalesce(backend_type, 'client backend') = 'client backend'
"""
# Dumps set a limit of time that servers before this version do not know, once newer programs write them out.
FIRST_WITH_ALL_LIMITS = 17
EMPTY = """
    SET client_min_messages TO warning;
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


class RestoreRefused(Exception):
    """Nothing was changed; the message says why, and what to do."""


def restore_backup(path: Path, *, overwrite: bool) -> tuple[archive.About, bool]:
    """Restores the database, brings it to this program's version and keeps the secret key that was kept.

    Returns what the backup says of itself, and whether the secret key is the one of the backup. Raises RestoreRefused,
    DamagedBackup or ProgramFailed; the database is as it was then.
    """
    with archive.being_read(path) as (file, about):
        _refuse_what_cannot_work(about, overwrite=overwrite)
        _replace_the_database(file, about)
        key = file.read(archive.SECRET_KEY).decode() if archive.SECRET_KEY in file.namelist() else ""
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        # The first to write notes that the database lives in another cluster, and others would wait for it.
        cursor.execute("SELECT citizens_transaction_number()")
    return about, keep_secret(key)


def _refuse_what_cannot_work(about: archive.About, *, overwrite: bool) -> None:
    if about.format != archive.FORMAT or _unknown(about):
        raise RestoreRefused(_("The backup was made by a newer Sesame than this one. Restore it with that version."))
    if (ours := server_version()) < about.server:
        raise RestoreRefused(
            _("The backup is of PostgreSQL %(theirs)s, and this server is %(ours)s. Use one that is not older.")
            % {"theirs": about.server, "ours": ours}
        )
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        if others := cursor.fetchone()[0]:
            raise RestoreRefused(
                ngettext(
                    "%(others)s connection to the database is open. Stop all processes of Sesame first.",
                    "%(others)s connections to the database are open. Stop all processes of Sesame first.",
                    others,
                )
                % {"others": others}
            )
        cursor.execute(TABLES)
        if cursor.fetchone()[0] and not overwrite:
            raise RestoreRefused(
                _("The database is not empty. With --overwrite, all that is in it is replaced by the backup.")
            )


def _unknown(about: archive.About) -> set[tuple[str, ...]]:
    """Migrations that the backup has and this program does not know."""
    loader = MigrationExecutor(connection).loader
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return {tuple(key) for key in about.migrations} - set(loader.disk_migrations) - replaced


def _replace_the_database(file: ZipFile, about: archive.About) -> None:
    server = server_version()
    programs = folder_for(server, dump=about.programs)
    if server < FIRST_WITH_ALL_LIMITS <= version_of(programs):
        raise ProgramFailed(
            _("Restoring into PostgreSQL %(version)s needs pg_restore and psql of that version. Install them.")
            % {"version": server}
        )
    take = [programs / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
    give = [programs / "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--file=-"]
    connection.close()
    # Without the word to commit, which comes when all has arrived, psql ends the transaction as if nothing had been.
    with running(take, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as psql:
        tell(psql, f"BEGIN;\n{EMPTY}")
        with (
            running(give, stdin=subprocess.PIPE, stdout=psql.stdin) as pg_restore,
            file.open(archive.DUMP) as member,
        ):
            pour(member, pg_restore.stdin)
        tell(psql, "COMMIT;\n")
