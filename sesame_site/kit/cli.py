"""Commands whose answer a person and a program can both read, and whose exit code says how it went."""

import json
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, ProgrammingError
from django.utils.translation import gettext as _
from psycopg.errors import UndefinedColumn, UndefinedTable

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

DONE, FOUND, CALLED_WRONGLY, INTERRUPTED = 0, 1, 2, 130
EXPLAINED = (ValidationError, PermissionDenied, OSError, UnicodeDecodeError, OperationalError, ProgrammingError)


class CommandLine(ManagementUtility):
    """Django's own, for which a command that does not exist is a wrong call too."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        try:
            return super().fetch_command(subcommand)
        except SystemExit:
            sys.exit(CALLED_WRONGLY)


class Found(CommandError):
    """The command ran and found something wrong: exit code 1, with `result` as the JSON answer."""

    def __init__(self, message: str, **result: Any) -> None:
        super().__init__(message, returncode=FOUND)
        self.result = result


class SesameCommand(BaseCommand):
    """A command that says what it is `about` and implements `run` and, for people, `show`.

    With --json, standard output carries exactly one object and nothing else. Exit codes: 0 done, 1 it ran and found
    something wrong (raise Found), 2 it was called wrongly (CommandError, a refused value, an unreadable file).
    """

    # They load every page of the site; `make check` and the server run them.
    requires_system_checks = ()
    about: "str | _StrPromise" = ""
    as_json = False
    _called_from_command_line: bool

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        self.help = str(self.about)  # argparse wants plain text
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help=_("Print the result as one JSON object."))
        return parser

    def run(self, **options: Any) -> dict[str, Any]:
        """Do the work and return the result, of values that JSON can carry."""
        raise NotImplementedError

    def show(self, result: dict[str, Any]) -> None:
        """Print the result for a person."""
        for name, value in result.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")

    def progress(self, text: str) -> None:
        """Tell the person who waits; standard error, so that it never mixes with the answer."""
        self.stderr.write(text, style_func=str)

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options.get("json", False)
        result = self.run(**options)
        if self.as_json:
            self._print_json(result)
        else:
            self.show(result)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except Found as found:
            self._end(found, {"found": str(found), **found.result})
        except CommandError as error:
            error.returncode = CALLED_WRONGLY
            self._end(error, {"error": str(error)})
        except EXPLAINED as error:
            if isinstance(error, BrokenPipeError):
                sys.exit(DONE)
            if isinstance(error, ProgrammingError) and not _not_migrated(error):
                raise
            words = _in_words(error)
            self._end(CommandError(words, returncode=CALLED_WRONGLY), {"error": words})
        except KeyboardInterrupt:
            self.progress(_("Interrupted."))
            sys.exit(INTERRUPTED)

    def _end(self, error: CommandError, answer: dict[str, Any]) -> NoReturn:
        if not self._called_from_command_line:
            raise error
        if self.as_json:
            self._print_json(answer)
        self.progress(str(error))
        sys.exit(error.returncode)

    def _print_json(self, answer: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False))


class ServiceCommand(SesameCommand):
    """A command that implements `serve` and works until it is interrupted or told to end."""

    def serve(self, stop: threading.Event) -> None:
        """Do the work until `stop` is set."""
        raise NotImplementedError

    def run(self, **options: Any) -> dict[str, Any]:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        self.serve(stop)
        return {}


def _in_words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            return "; ".join(f"{field}: {' '.join(reasons)}" for field, reasons in error.message_dict.items())
        return " ".join(error.messages)
    if isinstance(error, PermissionDenied):
        return str(error) or _("That is not allowed.")
    if isinstance(error, ProgrammingError):
        return _not_migrated(error)
    if isinstance(error, OperationalError):
        return _("The database did not answer: %(reason)s") % {"reason": " ".join(str(error).split())}
    if isinstance(error, UnicodeDecodeError):
        return _("The file is not UTF-8 text.")
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _not_migrated(error: ProgrammingError) -> str:
    """What to do where the database lacks what migrations make; empty if the error is another."""
    if isinstance(error.__cause__, UndefinedTable):
        return _("The database has no tables yet: run `python manage.py migrate` first.")
    if isinstance(error.__cause__, UndefinedColumn):
        return _("The database is older than this program: run `python manage.py migrate` first.")
    return ""
