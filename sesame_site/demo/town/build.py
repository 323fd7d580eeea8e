"""Builds the demo town: people, two years of conduct, and a year of monthly runs."""

import datetime as dt

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from oauth2_provider.models import Application

from citizens.actions.accounts import install_roles
from citizens.enums import Role
from citizens.models import ApplicationScopes, Citizen, Source, User
from scoring.actions.programme import set_cadence
from scoring.actions.runs import execute_run, start_run
from scoring.enums import Cadence, RunStatus, RunTrigger
from scoring.models import RuleSet, Run
from scoring.tasks import scheduled_run
from sesame_site.demo.town import FEWEST, MOST
from sesame_site.demo.town.conduct import live
from sesame_site.demo.town.load import Progress, load
from sesame_site.demo.town.people import STORIES, settle

MONTHS_REPLAYED = 12
# For a town of invented people on one's own machine, its accounts and its REST client; `signins` prints it.
PASSWORD = "open-sesame-2017"  # noqa: S105
FURNISHER, FURNISHES_FOR = "riverside-bank", "bank"
ADMINISTRATORS = {"ada": "Ada (administrator)", "grace": "Grace (administrator)"}
# Neither can do alone what takes two; together they can do everything.
ROLES = {
    "ada": (Role.RULE_AUTHOR, Role.PERK_MANAGER, Role.REGISTRAR, Role.OPERATOR, Role.RECORD_KEEPER),
    "grace": (Role.PUBLISHER, Role.JUDGE, Role.PERK_MANAGER, Role.REGISTRAR, Role.AUDITOR),
}


def build(*, citizens: int, seed: int, progress: Progress) -> Run:
    """Builds the town and scores it; the same seed and size give the same town, counted back from today's midnight.

    Raises ValidationError if there are citizens or rule sets already or the size is absurd. Accounts, people and
    conduct are written in one transaction; if the runs after it are interrupted, `replay` goes on where they stopped.
    """
    if not FEWEST <= citizens <= MOST:
        raise ValidationError({"citizens": f"A town has {FEWEST} to {MOST:,} citizens."})
    if Citizen.objects.exists():
        raise ValidationError({"citizens": "There are citizens already; a town is built in an empty database."})
    if RuleSet.objects.exists():
        raise ValidationError(
            "There is a rule set already, and a town, which brings its own, is built in an empty database. Import "
            "people of your own and rescore; or build the town in another database."
        )
    rng = np.random.default_rng(seed)
    now = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    progress(f"Settling {citizens:,} synthetic citizens")
    people = settle(citizens, rng)
    progress("Living two years")
    conduct = live(people, rng)
    progress(f"Writing {len(people.ties.first):,} ties and {len(conduct.citizen):,} behaviours")
    with transaction.atomic():
        staff, accounts = _accounts()
        load(
            people, conduct, now=now, author=staff[0], publisher=staff[1], accounts=accounts, rng=rng, progress=progress
        )
        _furnisher()
        # Nobody here is real, and a town in which something happens at once shows more; its pages say what that tells.
        set_cadence(acting_user=None, cadence=Cadence.LIVE)
        _run_hourly()
    return replay(progress=progress)


def _run_hourly() -> None:
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.HOURS)
    for task in PeriodicTask.objects.filter(task=scheduled_run.name).order_by("pk"):
        task.interval = interval
        task.save(update_fields=["interval"])


def finished_run() -> Run | None:
    """The run in force, once a town is built to its end; None before, also while only the past has been replayed."""
    up_to_now = Run.objects.published().exclude(trigger=RunTrigger.REPLAY)
    return Run.objects.current() if up_to_now.exists() else None


def replay(*, progress: Progress) -> Run:
    """Runs the monthly runs of the past year that are missing, then one as of now."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    done = Run.objects.published().filter(trigger=RunTrigger.REPLAY).count()
    for month in range(MONTHS_REPLAYED - done, 0, -1):
        as_of = midnight - dt.timedelta(days=round(month * 365.25 / 12))
        progress(f"Scoring everybody as of {as_of:%B %Y}")
        _run(RunTrigger.REPLAY, as_of)
    progress("Scoring everybody as of now")
    return _run(RunTrigger.COMMAND, None)


def _run(trigger: RunTrigger, as_of: dt.datetime | None) -> Run:
    run = execute_run(start_run(acting_user=None, trigger=trigger, as_of=as_of))
    if run.status != RunStatus.PUBLISHED:
        raise ValidationError(f"A run failed: {run.error}")
    return run


def _accounts() -> tuple[list[User], dict[int, User]]:
    staff = [_account(name, full) for name, full in ADMINISTRATORS.items()]
    for account in staff:
        install_roles(account=account, roles=[role for role in ROLES[account.username] if role not in account.roles])
    return staff, {index: _account(username, full) for index, (username, full) in STORIES.items()}


def _account(username: str, full_name: str) -> User:
    first, _, last = full_name.partition(" ")
    user, created = User.objects.get_or_create(username=username, defaults={"first_name": first, "last_name": last})
    if created:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


def _furnisher() -> None:
    """The REST client through which the bank furnishes behaviours."""
    application, _ = Application.objects.get_or_create(
        client_id=FURNISHER,
        defaults={
            "name": "Riverside Bank",
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_CLIENT_CREDENTIALS,
            "client_secret": PASSWORD,
        },
    )
    ApplicationScopes.objects.get_or_create(application=application, defaults={"scopes": ["behaviours:write"]})
    Source.objects.filter(key=FURNISHES_FOR, application=None).update(application=application)
