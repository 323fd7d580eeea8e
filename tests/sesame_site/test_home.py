"""The front door, the frame of every page, and the two addresses that say how the system is."""

import json
import re

import pytest
from django.db import OperationalError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from citizens.enums import Context
from scoring.actions.installation import install_behaviour_types
from sesame_site import home
from tests import cast
from tests.pages import soup

pytestmark = pytest.mark.django_db


def test_strangers_read_what_this_is_and_what_it_is_not_for(client):
    page = client.get("/")
    assertContains(page, "What it is not for")
    assertContains(page, "article 5(1)(c)")
    assertContains(page, reverse("account_login"))


def test_staff_without_a_citizen_go_to_the_console(client):
    client.force_login(cast.clerk())
    assertRedirects(client.get("/"), reverse("console:home"))


def test_citizens_see_their_score(client):
    client.force_login(cast.alice().user)
    assertContains(client.get("/"), "You have no score.")


def test_an_account_of_no_citizen_is_told_so(client):
    client.force_login(cast.account("nobody-yet"))
    page = client.get("/")
    assertContains(page, "this account belongs to no citizen")
    assertNotContains(page, 'class="button primary"')


def test_signing_in_leads_to_the_score(client):
    cast.alice()
    page = client.post(reverse("account_login"), {"login": "alice", "password": cast.PASSWORD}, follow=True)
    assertContains(page, "You have no score.")


def test_a_wrong_password_is_refused_and_the_name_kept(client):
    cast.alice()
    page = client.post(reverse("account_login"), {"login": "alice", "password": "wrong"})
    assertContains(page, 'role="alert"')
    assertContains(page, 'value="alice"')


def test_invented_people_are_announced_on_every_page(client):
    assertNotContains(client.get("/"), "SYNTHETIC DATA")
    alice = cast.alice()
    alice.is_synthetic = True
    alice.save(update_fields=["is_synthetic"])
    assertContains(client.get("/"), "SYNTHETIC DATA")
    client.force_login(alice.user)
    for name in ("score", "why", "history", "perks", "ties", "consents", "behaviours", "contests"):
        assertContains(client.get(reverse(f"portal:{name}")), "SYNTHETIC DATA")


ACCOUNT_PAGES = (
    "account_change_password",
    "account_logout",
    "account_email",
    "account_reauthenticate",
    "mfa_index",
    "mfa_list_webauthn",
)


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_account_pages_are_in_the_frame(client, name):
    client.force_login(cast.alice().user)
    page = client.get(reverse(name))
    assertContains(page, "sesame/app.css")
    assertContains(page, 'id="main"')


def test_no_page_has_script_or_style_of_its_own(client):
    refuse_script_and_style_in(client, reverse("account_login"))
    client.force_login(cast.alice().user)
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    refuse_script_and_style_in(client, reverse("mfa_add_webauthn"))
    names = ("score", "why", "history", "perks", "ties", "consents", "behaviours", "contests")
    for address in [*(reverse(f"portal:{name}") for name in names), *map(reverse, ACCOUNT_PAGES)]:
        refuse_script_and_style_in(client, address)


def refuse_script_and_style_in(client, address):
    page = client.get(address)
    assert page.status_code == 200, address
    # Data is no script: browsers do not run it.
    script = r"<script(?![^>]*(?:src=|type=\"application/json\"))"
    assert not re.search(rf"{script}|<style|\sstyle=|\son[a-z]+=", page.content.decode()), address
    assert "unsafe" not in page.headers["Content-Security-Policy"], address


def test_what_is_missing_and_what_is_refused_look_like_the_rest(client):
    assertContains(client.get("/nothing/"), "This address leads nowhere", status_code=404)
    client.force_login(cast.alice().user)
    assertContains(client.get(reverse("console:home")), "this page is not for you", status_code=403)


def test_what_breaks_says_so(client, monkeypatch):
    def breaks(user):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(home, "citizen_of", breaks)
    client.raise_request_exception = False
    assertContains(client.get("/"), "Something broke on our side", status_code=500)


@pytest.mark.django_db(databases=[])
def test_alive_needs_no_database(client):
    assert client.get("/healthz").json() == {"status": "alive"}


def test_without_a_worker_it_is_not_ready(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "database": "answers",
        "broker": "answers",
        "worker": "does not answer",
    }


def test_ready_when_all_three_answer(client, monkeypatch):
    monkeypatch.setattr(home.app.control, "ping", lambda **options: [{"worker@here": {"ok": "pong"}}])
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["status"]) == (200, "ready")


def test_without_a_database_it_names_the_database(rf, monkeypatch):
    class Down:
        def cursor(self):
            raise OperationalError("the database is down")

    monkeypatch.setattr(home, "connection", Down())
    answer = home.readyz(rf.get("/readyz"))
    assert (answer.status_code, json.loads(answer.content)["database"]) == (503, "does not answer")


def test_without_a_broker_the_worker_is_not_asked(client, monkeypatch):
    def down(key):
        raise OSError("no route")

    monkeypatch.setattr(home.cache, "get", down)
    answer = client.get("/readyz").json()
    assert (answer["broker"], answer["worker"]) == ("does not answer", "does not answer")


def test_every_door_opens(client):
    assert client.get(reverse("api-schema")).status_code == 200
    assertContains(client.get(reverse("api-docs")), "swagger")
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    assert client.get(reverse("admin:index")).status_code == 200


def test_invented_people_are_announced_among_the_records_and_the_docs_too(client):
    alice = cast.alice()
    alice.is_synthetic = True
    alice.save(update_fields=["is_synthetic"])
    assertContains(client.get(reverse("api-docs")), "SYNTHETIC DATA")
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:index"))
    assertContains(page, "SYNTHETIC DATA")
    assertContains(page, "sesame/icon.svg")


def test_a_citizen_who_is_refused_the_console_keeps_their_own_navigation(client):
    client.force_login(cast.alice().user)
    page = client.get(reverse("console:home"))
    assertContains(page, reverse("portal:why"), status_code=403)
    assertNotContains(page, reverse("console:rule-sets"), status_code=403)


def test_numbers_among_the_records_are_rounded_for_reading(client):
    tie = cast.know_each_other(cast.alice(), cast.alices_sister(), strength=0.30000000000000004)
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    for address in (reverse("admin:citizens_tie_changelist"), reverse("admin:citizens_tie_change", args=[tie.pk])):
        page = client.get(address)
        assertContains(page, "0.3")
        assertNotContains(page, "0.300")


def test_the_records_say_which_types_have_amounts_below_0(client):
    install_behaviour_types()
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    address = reverse("admin:citizens_behaviourtype_changelist")
    page = client.get(address, {"amounts_below_zero__exact": "1"})
    assertContains(page, "Rated by a peer")
    assertContains(page, "Amounts below 0")
    assertNotContains(page, "Loan overdue")


def test_the_records_set_what_a_source_may_speak_of(client):
    bank = cast.bank()
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    address = reverse("admin:citizens_source_change", args=[bank.pk])

    def ticked() -> list[str]:
        form = soup(client.get(address)).select_one("#source_form")
        boxes = form.select("input[type=checkbox][name=contexts]")
        assert [box["value"] for box in boxes] == Context.values
        return [box["value"] for box in boxes if box.has_attr("checked")]

    assert ticked() == []
    for contexts in (["finance", "work"], []):
        client.post(address, {"key": "bank", "name": "The bank", "contexts": contexts})
        bank.refresh_from_db()
        assert bank.contexts == ticked() == contexts
    client.post(address, {"key": "bank", "name": "The bank", "contexts": ["finance", "work"]})
    assertContains(client.get(reverse("admin:citizens_source_changelist")), "finance, work")


def test_the_weights_of_a_rule_set_are_shown_as_people_write_them(client):
    draft = cast.a_rule_set(publish=False)
    draft.tie_weights.update(weight=0.1 + 0.2)
    draft.rules.update(points=12.125, half_life_days=5)
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    tables = soup(client.get(reverse("admin:scoring_ruleset_change", args=[draft.pk])))
    shown = tables.select_one("#rules-group").get_text(" ", strip=True)
    assert "12.125" in shown
    assert " 5 " in shown
    assert "5.0" not in shown
    assert " 0.3" in tables.select_one("#tie_weights-group").get_text(" ", strip=True)
    assert "0.300" not in tables.get_text()


@pytest.mark.parametrize("is_open", [True, False])
def test_signing_up_is_offered_where_it_is_open_and_nowhere_else(client, settings, is_open):
    settings.OPEN_SIGNUP = is_open
    for page in ("/", reverse("account_login")):
        offered = f'href="{reverse("account_signup")}' in client.get(page).content.decode()
        assert offered == is_open, page
    assert ("password1" in client.get(reverse("account_signup")).content.decode()) == is_open


def test_a_refused_page_names_the_score_once(client):
    client.force_login(cast.alice().user)
    page = client.get(reverse("console:home"))
    assertContains(page, ">My score</a>", count=1, status_code=403)
