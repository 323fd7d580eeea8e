"""The console's pages about perks and restrictions: the numbers they show, and the ends of the scale."""

import pytest
from django.urls import reverse

from citizens.models import AuditEntry
from perks.actions.openings import approve_change
from perks.models import Perk, Restriction, ThresholdChange
from scoring.models import Score
from tests import cast
from tests.pages import soup, text

pytestmark = pytest.mark.django_db
# As the rule set of the cast scores them from 600: ten points for each bill, fifty less for each loan, 200 at most.
OVERDUE = {"a": 0, "b": 0, "c": 1, "d": 2, "e": 4, "f": 9}
NUMBERS = [600, 600, 550, 500, 400, 400]


@pytest.fixture
def signed_in(client):
    client.force_login(cast.clerk())
    return client


@pytest.fixture
def scored():
    cast.a_rule_set()
    for key, loans in OVERDUE.items():
        citizen = cast.person(key, signs_in=False)
        cast.observed(citizen, cast.loan_overdue(), amount=loans)
        cast.observed(citizen, cast.stroll())
    cast.stranger()
    cast.rescore()
    assert sorted(Score.objects.current().values_list("published", flat=True), reverse=True) == NUMBERS


def entry(kind="perk"):
    return reverse("console:perk-edit", args=[kind, "bike"])


def seen(response):
    return soup(response).find("input", attrs={"name": "seen"})["value"]


def box(response):
    return soup(response).find("input", attrs={"name": "threshold"})


def reasons_at(response):
    return [item.get_text() for item in box(response).find_parent(class_="field").select(".errorlist li")]


def an_opening(kind, threshold=600, **fields):
    made = {"perk": Perk, "restriction": Restriction}[kind](key="bike", name="Bicycle", **fields)
    made.threshold = threshold
    made.save()
    return made


@pytest.mark.django_db(transaction=True)
def test_the_list_counts_whom_each_one_holds_for(signed_in, scored):
    for number, opens_at in enumerate((350, 401, 600, 601)):
        Perk.objects.create(key=f"p{number}", name=f"Perk at {opens_at}", opens_at=opens_at, note="By decree")
    Perk.objects.create(key="off", name="Old perk", opens_at=350, is_active=False)
    for number, below in enumerate((350, 400, 401, 950)):
        Restriction.objects.create(key=f"r{number}", name=f"Restriction at {below}", closes_below=below)

    page = signed_in.get(reverse("console:perks"))

    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in soup(page).select("tbody tr")]
    perks = [
        [f"Perk at {at}", str(at), str(sum(n >= at for n in NUMBERS)), "in force", "By decree"]
        for at in (350, 401, 600, 601)
    ]
    restrictions = [
        [f"Restriction at {at}", str(at), str(sum(n < at for n in NUMBERS)), "in force", "—"]
        for at in (350, 400, 401, 950)
    ]
    assert sorted(rows) == sorted([*perks, ["Old perk", "350", "0", "switched off", "—"], *restrictions])
    assert "Of 6 scored citizens, so many have each now." in text(page)


def test_without_perks_and_scores_the_list_says_so(signed_in):
    page = text(signed_in.get(reverse("console:perks")))
    for words in ("Nobody is scored yet.", "No perk is defined.", "No restriction is defined."):
        assert words in page


@pytest.mark.django_db(transaction=True)
def test_a_look_counts_as_the_threshold_and_the_switch_will(signed_in, scored):
    for kind, holds in (("perk", lambda at, n: n >= at), ("restriction", lambda at, n: n < at)):
        opening = an_opening(kind, 550)
        page = signed_in.get(entry(kind))
        now = sum(holds(550, n) for n in NUMBERS)
        verb = {"perk": "Open", "restriction": "Applies"}[kind]
        assert f"{verb} to {now} of 6 scored citizens now." in text(page)
        for threshold in (350, 351, 400, 401, 550, 551, 600, 601, 949, 950):
            for is_active in (True, False):
                sent = {"threshold": threshold, "seen": seen(page), "then": "look"}
                sent |= {"is_active": "on"} if is_active else {}
                then = sum(holds(threshold, n) for n in NUMBERS) if is_active else 0
                more = f"{then - now} more" if then > now else f"{now - then} fewer" if then < now else "as many as"
                looked = text(signed_in.post(entry(kind), sent))
                assert f"to {then}. That is {more.removesuffix(' as')}" in looked, (kind, threshold, is_active)
        opening.refresh_from_db()
        assert opening.threshold == 550
    assert not AuditEntry.objects.filter(action__startswith="perk").exists()


@pytest.mark.parametrize("kind", ["perk", "restriction"])
@pytest.mark.parametrize("typed", ["350", "950", " +650 ", "0000651"])
def test_both_ends_of_the_scale_are_thresholds(signed_in, kind, typed):
    opening = an_opening(kind)
    sent = {"threshold": typed, "is_active": "on", "seen": seen(signed_in.get(entry(kind)))}
    assert signed_in.post(entry(kind), sent).status_code == 302
    for change in ThresholdChange.objects.pending():
        approve_change(acting_user=cast.second_clerk(), change=change)
    opening.refresh_from_db()
    assert (opening.threshold, opening.is_active) == (int(typed), True)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "Enter a score."),
        ("   ", "Enter a score."),
        ("349", "Scores start at 350."),
        ("951", "Scores end at 950."),
        ("-600", "Scores start at 350."),
        ("\N{MINUS SIGN}600", "Scores start at 350."),
        ("9" * 4000, "Scores end at 950."),
        ("9" * 5000, "Enter a whole number in plain digits, such as 650."),
        ("650.0", "Enter a whole number in plain digits, such as 650."),
        ("6e2", "Enter a whole number in plain digits, such as 650."),
        ("6_50", "Enter a whole number in plain digits, such as 650."),
        ("６５０", "Enter a whole number in plain digits, such as 650."),
        ("650\0", "Enter a whole number in plain digits, such as 650."),
        ('"><script>alert(1)</script>', "Enter a whole number in plain digits, such as 650."),
    ],
)
@pytest.mark.parametrize("then", ["", "look"])
def test_what_is_no_score_is_refused_at_the_field_and_kept(signed_in, typed, reason, then):
    perk = an_opening("perk")
    sent = {"threshold": typed, "seen": seen(signed_in.get(entry())), "then": then}
    refused = signed_in.post(entry(), sent)
    assert (refused.status_code, reasons_at(refused), box(refused).get("value", "")) == (422, [reason], typed)
    assert b"<script>alert" not in refused.content
    assert "As entered" not in text(refused)
    perk.refresh_from_db()
    assert (perk.opens_at, perk.is_active) == (600, True)


def test_saving_what_is_there_says_that_nothing_was_changed(signed_in):
    an_opening("restriction")
    sent = {"threshold": "600", "is_active": "on", "seen": seen(signed_in.get(entry("restriction")))}
    assert "Nothing was changed." in text(signed_in.post(entry("restriction"), sent, follow=True))
    assert not AuditEntry.objects.exists()


def test_a_look_does_not_let_a_second_tab_overwrite_what_it_has_not_shown(signed_in):
    """What was seen travels through the look, so the other clerk's change is still found when saving."""
    perk = an_opening("perk")
    sent = {"threshold": "620", "is_active": "on", "seen": seen(signed_in.get(entry()))}
    cast.set_by_two(perk, 700)
    looked = signed_in.post(entry(), sent | {"then": "look"})

    refused = signed_in.post(entry(), sent | {"seen": seen(looked)})

    assert refused.status_code == 422
    assert "it is at 700 and in force now" in text(refused)
    assert box(refused)["value"] == "620"
    perk.refresh_from_db()
    assert perk.opens_at == 700


def test_what_one_page_signed_is_nothing_to_another(signed_in, ada, draft):
    """A signature of the draft form does not pass for that of a threshold."""
    an_opening("perk")
    signed_in.force_login(ada)
    of_a_draft = seen(signed_in.get(reverse("console:draft-edit", args=[draft.version])))
    refused = signed_in.post(entry(), {"threshold": "620", "is_active": "on", "seen": of_a_draft})
    assert (refused.status_code, "arrived incomplete" in text(refused)) == (422, True)
