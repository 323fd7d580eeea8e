"""Everything a person can read goes through translation: the pages in a language without plain letters."""

import subprocess
import sys

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from citizens.models import Citizen
from perks.actions.openings import move_threshold
from perks.models import Perk, Restriction
from scoring.console.rule_sets import next_name
from sesame_site import messages
from sesame_site.context import mark_of_records
from sesame_site.kit.away import WORDS
from sesame_site.kit.rest.fields import Exactly
from sesame_site.kit.rest.problems import TooLarge
from sesame_site.settings import LANGUAGE_CODE
from tests import cast
from tests.pseudo import plain_words, pseudo, pseudo_language
from tests.roles_page import addresses
from tests.sesame_site.test_roles import signed_in, town, url_of
from tests.worker import ROOT

__all__ = ["town"]

# What people and records of the town are called, and what they wrote.
DATA = (
    *("Alice", "alice", "clerk", "The bank", "Bill paid on time", "Loan overdue", "Bicycle", "Small", "Credit"),
    *("Poor", "Fair", "Good", "Excellent", "Superb", "It was not me.", "a form", "time", "Run 1", "bill-1"),
)

# What addresses answer to a GET that show no page: they take posts only, or send on.
NO_PAGE = {
    "portal": dict.fromkeys(("consent", "leave", "sharing-stop", "tie-confirm", "tie-decline", "tie-end"), 405),
    "console": {
        "citizen-forget": 405, "citizen-leave": 405, "citizen-unlink": 405, "discard": 405, "draft-edit": 302,
        "draft-new": 405, "run-start": 405, "send-back": 405, "submit": 405,
        **dict.fromkeys(("change-approve", "change-decline", "role-confirm", "role-decline"), 405),
    },
}  # fmt: skip


def test_the_pseudo_language_keeps_what_is_filled_in():
    assert pseudo("Hello %(name)s, <b>you</b> owe %s &amp; {sum}") == "Ĥéļļö %(name)s, <b>ýöû</b> öŵé %s &amp; {sum}"
    assert pseudo("month\x04May") == "Ṁàý"


def test_a_plain_word_is_found_and_data_is_not():
    page = '<p>Ĥéļļö <b translate="no">Alice</b> <code>key</code> 17</p><p aria-label="Plain">Ĝöñé</p>'
    assert plain_words(page) == ["Plain"]
    assert plain_words("<p>Ĥéļļö Alice</p>") == ["Ĥéļļö Alice"]


@pytest.mark.django_db
@pytest.mark.parametrize("namespace", ["portal", "console"])
def test_no_page_has_a_plain_english_word(town, namespace):
    user = town["alice"].user if namespace == "portal" else cast.clerk()
    client = signed_in(user)
    found: dict[str, list[str]] = {}
    no_page: dict[str, int] = {}
    with pseudo_language():
        for address in addresses(namespace):
            answer = client.get(url_of(address, town))
            if answer.status_code != 200:
                no_page[address.name] = answer.status_code
            elif words := plain_words(answer.content.decode(), data=DATA):
                found[address.name] = words
    assert no_page == NO_PAGE[namespace]
    assert not found, "\n".join(f"{name}: {words}" for name, words in found.items())


@pytest.mark.django_db
@pytest.mark.usefixtures("no_population_held")
def test_the_preview_of_a_draft_has_no_plain_english_word(town):
    draft = cast.a_rule_set(publish=False, base=500)
    cast.know_each_other(town["alice"], cast.partners()[1])
    with pseudo_language():
        answer = signed_in(cast.clerk()).get(reverse("console:preview", args=[draft.version]))
        assert answer.status_code == 200
        assert plain_words(answer.content.decode(), data=DATA) == []


@pytest.mark.django_db
def test_the_mark_of_invented_people_among_the_records_has_no_plain_english_word(rf):
    Citizen.objects.create(key="t-1", name="Tess", is_synthetic=True)
    with pseudo_language():
        assert plain_words(mark_of_records(rf.get("/"))[0]) == []


@pytest.mark.django_db
@pytest.mark.parametrize("is_active", [True, False])
def test_what_somebody_else_set_is_told_without_a_plain_english_word(town, is_active):
    Perk.objects.update(is_active=is_active)
    with pseudo_language(), pytest.raises(ValidationError) as refused:
        move_threshold(
            acting_user=cast.clerk(), opening=town["perk"], threshold=610, is_active=True,
            seen={"threshold": 590, "is_active": True},
        )  # fmt: skip
    assert plain_words(refused.value.messages[0], data=DATA) == []


@pytest.mark.parametrize("model", [Perk, Restriction])
def test_the_kinds_of_what_a_score_opens_are_translated(model):
    with pseudo_language():
        assert plain_words(str(model.kind)) == []


def test_the_name_proposed_for_a_draft_has_no_plain_english_word():
    with pseudo_language():
        once = next_name("Small")
        assert [plain_words(name, data=DATA) for name in (once, next_name(once))] == [[], []]
        assert next_name(once).startswith(once)


def test_what_is_wrong_with_a_call_has_no_plain_english_word():
    class Nothing(Exactly):
        pass

    with pseudo_language():
        body = Nothing(data={"x": 1})
        assert not body.is_valid()
        said = [body.errors["x"][0], TooLarge().detail, WORDS]
        assert [plain_words(str(words)) for words in said] == [[], [], []]


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/nowhere/"])
@pytest.mark.django_db
def test_strangers_read_no_plain_english_word(client, address):
    with pseudo_language():
        assert plain_words(client.get(address).content.decode()) == []


@pytest.mark.parametrize("address", ["/", "/nowhere/", "/api/docs/"])
def test_every_page_says_its_language(client, db, address):
    assert f'<html lang="{LANGUAGE_CODE}">' in client.get(address).content.decode()


def test_times_have_24_hours():
    from django.utils import formats

    noon = timezone.now().replace(year=2026, month=12, day=1, hour=13, minute=5, second=9)
    with translation.override("en-gb"):
        assert formats.date_format(noon, "DATETIME_FORMAT") == "1 December 2026, 13:05"
        assert formats.time_format(noon, "TIME_FORMAT") == "13:05:09"


def test_the_catalogue_is_not_stale():
    assert messages.missing_messages() == [], "Run make messages."


def test_the_check_of_the_catalogue_says_so():
    done = subprocess.run(
        [sys.executable, "-m", "sesame_site.messages", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "Up to date.")


def test_a_language_that_is_unknown_is_answered_in_english(client, db):
    answer = client.get("/", headers={"accept-language": "tlh, de;q=0.5"})
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "en-gb")
    assert client.post(reverse("set-language"), {"language": "tlh", "next": "/"}).status_code == 302
