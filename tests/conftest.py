"""Strict ground for every test: servers of their own, no undefined variable, no order by luck."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Two administrators, their rule sets, and a clean memory, for whichever test asks.
pytest_plugins = ("tests.rule_set_fixtures",)

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The workers of xdist inherit the environment of their controller, which has been here before them.
if "SESAME_TESTING" not in os.environ:
    outside = Path(os.environ.get("SESAME_VAR", ROOT / "var"))
    os.environ |= {
        "SESAME_TESTING": "1",
        "SESAME_VAR": str(outside / "test"),
        "DJANGO_SETTINGS_MODULE": "sesame_site.settings",
        "SECRET_KEY": "known to all, for tests only",
        "DEBUG": "false",
        "HTTPS": "false",
        "STATIC_BUILT": "false",
        "SIGN_IN_LIMITS": "false",
        "OPEN_SIGNUP": "false",
        "API_RATE_ANONYMOUS": "1000000/min",
        "API_RATE_SIGNED_IN": "1000000/min",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "EMAIL_URL": "memorymail://",
        # Nobody will miss what a test wrote just before the machine went down.
        "PGOPTIONS": "-c synchronous_commit=off",
        # Playwright runs an event loop in the thread in which its tests use the database.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    os.environ.setdefault("DATABASE_URL", "")
    os.environ.setdefault("REDIS_URL", "")

NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1


def pytest_configure() -> None:
    """Prepare Django before pytest-django sets it up."""
    if NUMBER:
        _own_valkey_database()
    from django.conf import settings
    from django.db import connection
    from django.db.models import QuerySet

    # WhiteNoise warns of a folder that is not there; the finders serve the files.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined()
    QuerySet._fetch_all = _shuffled(QuerySet._fetch_all)  # type: ignore[method-assign]
    operations: Any = type(connection.ops)
    operations.sql_flush = _of_what_is_filled(operations.sql_flush)


def _own_valkey_database() -> None:
    """Give this worker a number of its own on the shared server, so that queues do not mix."""
    from sesame_site import services

    url = os.environ["REDIS_URL"] or services.valkey_url(Path(os.environ["SESAME_VAR"]))
    own = os.environ["REDIS_URL"] = f"{url.rsplit('/', 1)[0]}/{NUMBER % 16}"
    # pytest-django has read the settings already, as the worker inherits their name from its controller.
    from django.conf import settings

    from sesame_site.celery import app

    settings.REDIS_URL = settings.CELERY_BROKER_URL = own
    settings.CACHES["default"]["LOCATION"] = own
    app.conf.update(broker_url=own)


class Undefined(str):
    """What a template shows for an undefined variable: in our own templates, a failure."""

    def __new__(cls) -> "Undefined":
        return super().__new__(cls, "%s")

    def __mod__(self, variable: Any) -> str:
        template = _template_being_drawn()
        if template.startswith(str(ROOT / "templates")):
            pytest.fail(f"Undefined template variable {variable} in {template}")
        return ""


def _template_being_drawn() -> str:
    import sys

    from django.template.base import Node

    frame = sys._getframe()
    while frame.f_back is not None:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None):
            return str(node.origin.name)  # type: ignore[attr-defined]
        frame = frame.f_back
    return ""


def _shuffled(fetch_all: Any) -> Any:
    """Rows that were not asked for in an order come in any order, as PostgreSQL may give them."""
    dice = random.Random(1)

    def fetch(queryset: Any) -> None:
        fresh = queryset._result_cache is None
        fetch_all(queryset)
        if fresh and not queryset.ordered and not queryset.query.is_sliced:
            dice.shuffle(queryset._result_cache)

    return fetch


def _of_what_is_filled(sql_flush: Any) -> Any:
    """To truncate a table takes as long as to make it: between two tests, rows are deleted where there are any."""

    def flush(operations: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        found = " UNION ALL ".join(f"(SELECT '{name}' FROM {operations.quote_name(name)} LIMIT 1)" for name in tables)
        with operations.connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:  # who may not leave out triggers and foreign keys
                return list(sql_flush(operations, style, tables, **options))
            cursor.execute(found)
            filled = [operations.quote_name(name) for (name,) in cursor.fetchall()]
        return ["SET LOCAL session_replication_role = replica", *(f"DELETE FROM {name}" for name in filled)]

    return flush


@pytest.fixture(scope="session", autouse=True)
def empty_valkey() -> None:
    """Nothing that an earlier session queued or cached."""
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()


@pytest.fixture
def live_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which another process (a worker, a command) sees this test's database and broker."""
    from django.conf import settings

    from sesame_site.kit.database.dsn import libpq_uri

    # Whoever imported `sesame_site.wsgi` here said that this is a web process; the other one says what it is itself.
    inherited = {name: value for name, value in os.environ.items() if name != "SESAME_PROCESS"}
    return inherited | {"DATABASE_URL": libpq_uri(), "REDIS_URL": settings.REDIS_URL}


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """The system's Chromium."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        pytest.fail("No Chromium found; on Debian or Ubuntu: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
