"""The town in the database: built once, gone on with after an interruption, and signed in to."""

import base64
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db.models import Count, F
from django.test import Client

from citizens.enums import Role
from citizens.models import Behaviour, Citizen, Consent, Source, Tie, User
from perks.models import Perk, Restriction
from scoring.enums import Cadence, RuleSetStatus, RunTrigger
from scoring.models import Movement, Programme, RuleSet, Run, Score
from sesame_site.demo.town import build as building
from sesame_site.demo.town.build import PASSWORD, build, finished_run
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


def quiet(_: str) -> None:
    """Nobody waits."""


def test_whoever_waits_sees_how_far_it_is(monkeypatch) -> None:
    monkeypatch.setattr("sesame_site.demo.town.load.BEHAVIOURS_AT_ONCE", 1_000)
    said: list[str] = []
    build(citizens=60, seed=2017, progress=said.append)
    written = [
        int(line.split()[0].replace(",", "")) for line in said if line.endswith(" behaviours") and " of " in line
    ]
    assert written[:3] == [1_000, 2_000, 3_000]
    assert written[-1] == Behaviour.objects.count()


def test_a_town_is_counted_by_band_in_few_queries(django_assert_max_num_queries) -> None:
    build(citizens=120, seed=2017, progress=quiet)
    # Whether a town stands; its run, with rule set and bands (twice); its citizens (twice); its scores by number.
    with django_assert_max_num_queries(8):
        call_command("build_town")


def test_a_town_from_nothing(capsys) -> None:
    call_command("build_town", citizens=120, seed=2017)
    run = finished_run()
    assert run is not None
    assert run.trigger == RunTrigger.COMMAND
    assert Run.objects.published().filter(trigger=RunTrigger.REPLAY).count() == 12
    assert Citizen.objects.synthetic().count() == Citizen.objects.count() == 120
    assert not Source.objects.filter(is_synthetic=False).exists()
    assert Programme.objects.cadence() == Cadence.LIVE
    rule_set = RuleSet.objects.get(status=RuleSetStatus.PUBLISHED)
    assert (rule_set.author.username, rule_set.published_by.username) == ("ada", "grace")
    assert (Perk.objects.count(), Restriction.objects.count()) == (6, 2)
    lengths = Movement.objects.values("citizen").order_by("citizen").annotate(n=Count("published", distinct=True))
    assert sum(row["n"] >= 3 for row in lengths) >= 0.95 * Score.objects.current().count()

    # Asked again, nothing is changed.
    before = Run.objects.count(), Behaviour.objects.count(), Tie.objects.count()
    call_command("build_town", citizens=300)
    assert (Run.objects.count(), Behaviour.objects.count(), Tie.objects.count()) == before
    assert "it stays as it is" in capsys.readouterr().err

    # Nothing is there without consent, and children gave none.
    agreed = Behaviour.objects.filter(citizen__consents__source=F("source"))
    assert agreed.count() == Behaviour.objects.count()
    assert Citizen.objects.filter(consents=None).exists()
    assert Consent.objects.values("citizen").distinct().count() >= Score.objects.current().count()

    # Nor does any source speak of what it may not.
    spoken_of = Behaviour.objects.values_list("source__contexts", "type__context").order_by().distinct()
    assert all(context in contexts for contexts, context in spoken_of)

    call_command("signins", address="http://localhost:8123")
    shown = capsys.readouterr().out
    for words in ("http://localhost:8123", PASSWORD, "ada", "grace", "mei", "jun", "bo", "riverside-bank"):
        assert words in shown
    for username in ("ada", "grace", "mei", "jun", "bo"):
        assert Client().login(username=username, password=PASSWORD), username
    ada, grace = (set(User.objects.get(username=name).roles) for name in ("ada", "grace"))
    assert not User.objects.filter(is_superuser=True).exists()
    assert (ada | grace, ada & grace) == (set(Role), {Role.REGISTRAR, Role.PERK_MANAGER})
    assert {"rule author", "judge", "record keeper"} <= {*re.split(r", |: |\n", shown)}
    furnishes_for_the_bank()


def furnishes_for_the_bank() -> None:
    basic = base64.b64encode(f"riverside-bank:{PASSWORD}".encode()).decode()
    answer = Client().post(
        "/o/token/",
        {"grant_type": "client_credentials", "scope": "behaviours:write"},
        headers={"authorization": f"Basic {basic}"},
    )
    assert answer.status_code == 200, answer.content
    observation = {
        "citizen": "t-000001",
        "type": "bill_paid_on_time",
        "external_id": "invoice-1",
        "occurred_at": "2026-01-01T12:00:00Z",
    }
    sent = Client().post(
        "/api/v1/behaviours/",
        {"behaviours": [observation]},
        content_type="application/json",
        headers={"authorization": f"Bearer {answer.json()['access_token']}"},
    )
    assert sent.status_code < 300, sent.content
    assert Behaviour.objects.filter(source__key="bank", external_id="invoice-1").exists()


def test_an_interrupted_replay_is_gone_on_with(monkeypatch) -> None:
    real, months = building._run, []

    def interrupted(*args):
        months.append(args)
        if len(months) == 4:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(building, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(citizens=60, seed=1, progress=quiet)
    assert Run.objects.current() is not None
    assert finished_run() is None

    monkeypatch.setattr(building, "_run", real)
    call_command("build_town", citizens=60, seed=1)
    assert finished_run() == Run.objects.current()
    as_ofs = list(Run.objects.published().order_by("id").values_list("as_of", flat=True))
    assert len(set(as_ofs)) == 13
    assert as_ofs == sorted(as_ofs)


def test_an_interrupted_load_leaves_nothing(monkeypatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "_furnisher", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(citizens=60, seed=1, progress=quiet)
    assert not Citizen.objects.exists()
    assert not User.objects.exists()
    assert not RuleSet.objects.exists()


def test_it_is_not_built_among_real_citizens() -> None:
    cast.alice()
    with pytest.raises(ValidationError, match="citizens already"):
        build(citizens=60, seed=1, progress=quiet)


def test_it_is_not_built_where_a_rule_set_is_installed() -> None:
    call_command("install_rule_set")
    with pytest.raises(ValidationError, match="rule set already"):
        build(citizens=60, seed=1, progress=quiet)
    assert not User.objects.exists()


@pytest.mark.parametrize("size", [-1, 0, 49, 1_000_001])
def test_an_absurd_size_is_refused(size: int) -> None:
    with pytest.raises(ValidationError, match="50 to 1,000,000"):
        build(citizens=size, seed=1, progress=quiet)
