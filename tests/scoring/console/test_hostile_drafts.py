"""The form of a draft against what nobody types by accident: too much, too little, forged, in every script."""

import dataclasses

import pytest
from django.urls import reverse

from scoring.actions import rule_sets as actions
from scoring.models import RuleSet
from scoring.rules.terms import BandTerms, terms_of
from tests.pages import soup
from tests.scoring.rule_book import TERMS, typed

pytestmark = pytest.mark.django_db
DRAFT = dataclasses.replace(TERMS, name="More drag")


@pytest.fixture
def signed_in(client, ada):
    client.force_login(ada)
    return client


def address(name="draft-edit"):
    return reverse(f"console:{name}", args=[2])


def seen_by(client):
    return soup(client.get(address())).find("input", attrs={"name": "seen"})["value"]


def send(client, terms=DRAFT, **changes):
    return client.post(address(), typed(terms, **{"seen": seen_by(client), **changes}))


def box(page, name):
    return page.find(attrs={"name": name})


def errors(page):
    """(the entry the summary links to, or none; the words of the link or of the line) of each refusal."""
    return {
        (item.a["href"].removeprefix("#id_") if item.a else ""): item.get_text(" ", strip=True)
        for item in page.select(".errors li")
    }


def stored():
    return terms_of(RuleSet.objects.get(version=2))


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("own-name", "x" * 121, "Name"),
        ("own-name", " \t ", "Name"),
        ("own-name", "a\0b", "Name"),
        ("own-note", "x" * 5001, "Note"),
        ("own-base", "9" * 400, "Base"),
        ("own-base", "9" * 5000, "Base"),
        ("own-cap", "0x10", "Network cap"),
        ("own-minimum_behaviours", "9" * 5000, "Fewest behaviours"),
        ("own-drag", "<b>0.2</b>", "Drag"),
        ("dimensions-0-room", "", "Money: Room"),
        ("rules-0-points", "", "Bill paid on time: Points"),
        ("rules-0-most", "\N{INFINITY}", "Bill paid on time: Most"),
        ("rules-0-expiry_days", "0", "Bill paid on time: Expiry in days"),
        ("bands-1-name", "x" * 41, "Fair: Name"),
        ("bands-1-name", "", "Fair: Name"),
        ("bands-1-lower", "550.5", "Fair: Lower edge"),
        ("bands-2-lower", "", "Good: Lower edge"),
        ("ties-friend", "", "Friend"),
    ],
)
def test_each_absurd_entry_is_named_and_kept_and_nothing_is_saved(signed_in, draft, field, value, label):
    before = stored()
    response = send(signed_in, **{field: value, "own-k0": "2.5"})
    page = soup(response)
    assert response.status_code == 422
    assert [*errors(page)] == [field]
    assert errors(page)[field].startswith(label)
    shown = box(page, field)
    assert (shown.get("value", "") if shown.name == "input" else shown.get_text().removeprefix("\n")) == value
    assert box(page, field)["aria-invalid"] == "true"
    assert box(page, "own-k0")["value"] == "2.5", "what was right is kept too"
    assert stored() == before


def test_every_wrong_entry_is_told_at_once_in_the_order_of_the_page(signed_in, draft):
    wrong = {
        "bands-1-lower": "x", "ties-friend": "x", "rules-1-most": "x", "dimensions-1-room": "x", "own-lift": "x",
    }  # fmt: skip
    page = soup(send(signed_in, **wrong))
    assert [*errors(page)] == [*reversed(wrong)]


HOSTILE = '"><script>alert(1)</script>{{ 7|add:7 }}\N{RIGHT-TO-LEFT OVERRIDE}'


def test_markup_in_a_name_is_text_on_every_page(signed_in, draft):
    assert (
        send(signed_in, **{"own-name": HOSTILE, "own-note": HOSTILE, "bands-1-name": HOSTILE[:40]}).status_code == 302
    )
    assert (stored().name, stored().bands[1].name) == (HOSTILE, HOSTILE[:40])
    pages = [address("draft-edit"), address("rule-set"), address("differences"), address("preview")]
    for page in (*pages, reverse("console:rule-sets"), reverse("console:home")):
        response = signed_in.get(page)
        assert response.status_code == 200
        assert b"<script>alert" not in response.content, page
        assert HOSTILE in soup(response).get_text() or HOSTILE in str(soup(response).find("input", value=HOSTILE))


@pytest.mark.parametrize("table", ["dimensions", "rules", "bands"])
@pytest.mark.parametrize("total", ["", "abc", "1e3", "9" * 30, "1000000", "-1", "0"])
def test_a_table_that_claims_an_absurd_length_is_refused(signed_in, draft, table, total):
    before = stored()
    assert send(signed_in, **{f"{table}-TOTAL_FORMS": total}).status_code == 422
    assert stored() == before


@pytest.mark.parametrize("table", ["dimensions", "rules", "bands"])
@pytest.mark.parametrize("initial", ["", "x", "9" * 30, "-1", "0", "1"])
def test_a_table_that_claims_an_absurd_start_changes_nothing(signed_in, draft, table, initial):
    before = stored()
    send(signed_in, **{f"{table}-INITIAL_FORMS": initial})
    assert stored() == before


def with_bands(*names):
    """What a browser sends that knows the three bands of the draft and adds these above them."""
    rows = {"bands-TOTAL_FORMS": 3 + len(names)}
    for row, name in enumerate(names, 3):
        rows |= {f"bands-{row}-key": "", f"bands-{row}-name": name, f"bands-{row}-lower": 700 + row}
    return rows


@pytest.mark.parametrize(
    "names",
    [
        [f"The band of the very best people {letter}" for letter in "abcdefghij"],
        [*"好中低优良差", "极好", "优秀", "良好", "Отлично", "ممتاز", "טוב", "ดี", "최고", "👍", "♥", *"—…!?&%*+="],
        ["Band", "band 2", "BAND  2 2"],
    ],
)
def test_bands_get_keys_of_their_own_however_alike_their_names_are(signed_in, draft, names):
    assert send(signed_in, **with_bands(*names)).status_code == 302
    bands = stored().bands
    assert [band.name for band in bands] == ["Poor", "Fair", "Good", *names]
    assert [band.key for band in bands[:3]] == ["poor", "fair", "good"]
    assert len({band.key for band in bands}) == len(bands)
    assert signed_in.get(address("rule-set")).status_code == 200


@pytest.mark.parametrize("key", ["fair", "x" * 400, "a b/c", "Ü", "<script>"])
def test_a_forged_key_of_a_band_ends_in_no_crash_and_in_no_second_band(signed_in, draft, key):
    before = stored()
    response = send(signed_in, **{"bands-0-key": key})
    assert response.status_code == 422
    assert errors(soup(response))
    assert stored() == before


@pytest.mark.parametrize("key", ["deeds", "luck", "", "x" * 400])
def test_a_forged_key_of_a_dimension_moves_no_other_dimension(signed_in, draft, key):
    before = stored()
    send(signed_in, **{"dimensions-0-key": key, "dimensions-0-room": "77"})
    assert [part.key for part in stored().dimensions] == [part.key for part in before.dimensions]
    assert stored().rules == before.rules


@pytest.mark.parametrize("key", ["sneezed", "", "bill_paid_on_time\0", "loan_overdue", "x" * 400])
def test_a_forged_type_of_a_rule_is_refused(signed_in, draft, key):
    before = stored()
    response = send(signed_in, **{"rules-0-behaviour_type": key})
    assert response.status_code == 422
    assert errors(soup(response))
    assert stored() == before


def test_of_two_tabs_the_second_is_refused_until_it_has_read_the_first(signed_in, draft):
    first = second = seen_by(signed_in)
    assert signed_in.post(address(), typed(DRAFT, seen=first, own__drag="0.3", own__name="First")).status_code == 302

    refused = signed_in.post(address(), typed(DRAFT, seen=second, own__lift="0.05", own__name="Second"))

    page = soup(refused)
    assert refused.status_code == 422
    told = page.select_one(".errors").get_text()
    assert "saved in another window" in told
    assert "Drag: 0.2 → 0.3" in told
    assert "More drag → First" in told
    assert (box(page, "own-lift")["value"], box(page, "own-name")["value"]) == ("0.05", "Second")
    assert (stored().drag, stored().lift, stored().name) == (0.3, 0.1, "First")


def test_what_two_tabs_typed_alike_is_no_conflict_for_the_third(signed_in, draft):
    """Back to what it was: nothing has changed since the form was opened."""
    old = seen_by(signed_in)
    signed_in.post(address(), typed(DRAFT, seen=old, own__drag="0.3"))
    signed_in.post(address(), typed(DRAFT, seen=seen_by(signed_in)))
    assert signed_in.post(address(), typed(DRAFT, seen=old, own__drag="0.4")).status_code == 302
    assert stored().drag == 0.4


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (
            actions.submit_rule_set,
            ["Only a draft can be edited; make a draft from this version.", "The status of this one: In review."],
        ),
        (actions.discard_draft, []),
    ],
)
def test_a_draft_that_another_tab_submitted_or_discarded_is_not_saved(signed_in, draft, ada, meanwhile, words):
    old = seen_by(signed_in)
    meanwhile(acting_user=ada, rule_set=draft)
    response = signed_in.post(address(), typed(DRAFT, seen=old, own__drag="0.4"), follow=True)
    assert response.status_code == (200 if words else 404)
    shown = " ".join(soup(response).get_text().split())
    assert [sentence for sentence in words if sentence not in shown] == []
    assert not RuleSet.objects.filter(drag=0.4).exists()


def test_saving_can_lead_to_the_preview(signed_in, draft):
    response = send(signed_in, **{"own-drag": "0.4", "then": "preview"})
    assert (response.status_code, response["Location"]) == (302, address("preview"))


@pytest.mark.parametrize(
    "field", [*(f"own-{name}" for name in TERMS.numbers), *(f"ties-{r}" for r, _ in TERMS.tie_weights)]
)
def test_a_form_that_lost_one_entry_is_refused_at_it(signed_in, draft, field):
    data = typed(DRAFT, seen=seen_by(signed_in))
    del data[field]
    response = signed_in.post(address(), data)
    assert response.status_code == 422
    assert [*errors(soup(response))] == [field]


def test_bands_come_out_in_the_order_of_their_edges(signed_in, draft):
    swapped = {"bands-1-lower": "700", "bands-2-lower": "600", "bands-3-name": "Top", "bands-3-lower": "950"}
    assert send(signed_in, **swapped).status_code == 302
    assert stored().bands == (
        BandTerms("poor", "Poor", 350),
        BandTerms("good", "Good", 600),
        BandTerms("fair", "Fair", 700),
        BandTerms("top", "Top", 950),
    )
