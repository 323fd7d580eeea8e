"""The console's pages about rule sets: who may see them, what they show, the form and its refusals."""

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from citizens.models import BehaviourType, User
from scoring.actions import rule_sets as actions
from scoring.console import urls
from scoring.models import RuleSet
from scoring.rules.terms import BandTerms, RuleTerms, terms_of
from tests.pages import soup
from tests.scoring.rule_book import TERMS, typed

pytestmark = pytest.mark.django_db
DRAFT = dataclasses.replace(TERMS, name="More drag")


@pytest.fixture
def signed_in(client, ada):
    client.force_login(ada)
    return client


def edit(client, draft, terms=DRAFT, **changes):
    """Open the form, then send it with `changes` typed into it."""
    address = reverse("console:draft-edit", args=[draft.version])
    seen = soup(client.get(address)).find("input", attrs={"name": "seen"})["value"]
    return client.post(address, typed(terms, **{"seen": seen, **changes}))


def error_at(response, field):
    """The reasons shown in the same cell or group as a field."""
    box = soup(response).find(attrs={"name": field})
    holder = box.find_parent("td") or box.find_parent(class_="field")
    return " ".join(item.get_text() for item in holder.select(".errorlist li"))


def every_address():
    arguments = {"version": 1, "pk": 1}
    for pattern in urls.urlpatterns:
        names = pattern.pattern.converters
        yield reverse(f"console:{pattern.name}", kwargs={name: arguments[name] for name in names})


def test_the_anonymous_are_sent_to_sign_in(client, in_force):
    for address in every_address():
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}"), address


def test_citizens_are_refused_everywhere(client, in_force):
    client.force_login(User.objects.create_user("alice"))
    assert {(client.get(address).status_code, client.post(address).status_code) for address in every_address()} == {
        (403, 403)
    }


def test_the_list_shows_status_author_and_publisher(signed_in, draft):
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in soup(signed_in.get(
        reverse("console:rule-sets"))).select("tbody tr")]  # fmt: skip
    assert [row[:4] for row in rows] == [
        ["2, More drag", "Draft", "ada", "—"],
        ["1, Small town", "Published", "ada", "grace"],
    ]


def reads(client, address):
    """How many rows or lists a page asks for once the caches are warm; what steers the transaction aside."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return sum(query["sql"].startswith("SELECT") for query in queries)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        # session, user, roles, the user's citizen, any synthetic one; how many, those on this page, the published one
        ("rule-sets", 8),
        # the same five; run in force, published set, run under way, in review, drafts, contests and their number
        ("home", 12),
    ],
)
def test_queries_do_not_grow_with_rule_sets(signed_in, in_force, ada, page, expected):
    assert reads(signed_in, reverse(f"console:{page}")) == expected
    for _ in range(3):
        actions.draft_from(acting_user=ada, rule_set=in_force, name="Another")
    assert reads(signed_in, reverse(f"console:{page}")) == expected


def test_queries_of_a_rule_set_do_not_grow_with_its_rules(signed_in, in_force, ada, draft):
    address = reverse("console:rule-set", args=[2])
    few = reads(signed_in, address)
    for number in range(10):
        BehaviourType.objects.create(key=f"type_{number}", name=f"Type {number}", context="work")
    more = tuple(RuleTerms(f"type_{number}", "deeds", 1.0, 5.0) for number in range(10))
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(DRAFT, rules=more))
    assert reads(signed_in, address) == few


def test_a_rule_set_shows_all_its_weights(signed_in, in_force):
    text = soup(signed_in.get(reverse("console:rule-set", args=[1]))).get_text(" ", strip=True)
    for words in ("Drag 0.2", "Drag threshold 600 points", "Bill paid on time time +10 100 points 365 days 730 days",
                  "Loan overdue time −40 200 points never fades 1,825 days", "Money, room 200 points",
                  "350 to 549", "650 to 950", "Network cap 60 points"):  # fmt: skip
        assert words in text


def test_a_rule_set_says_what_it_is_and_who_wrote_it(signed_in, in_force):
    text = " ".join(soup(signed_in.get(reverse("console:rule-set", args=[1]))).get_text().split())
    assert "Published. Written by ada on " in text


def test_rules_stand_by_dimension_and_name(signed_in, draft, ada):
    BehaviourType.objects.create(key="blood_donated", name="Gave blood", context="civic")
    BehaviourType.objects.create(key="a_fine", name="Fine left unpaid", context="finance")
    more = (RuleTerms("blood_donated", "deeds", 9.0, 50.0), RuleTerms("a_fine", "money", -9.0, 50.0),
            RuleTerms("volunteering", "deeds", 5.0, 50.0))  # fmt: skip
    terms = dataclasses.replace(DRAFT, rules=tuple(sorted(TERMS.rules + more, key=lambda rule: rule.behaviour_type)))
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=terms)
    expected = ["Bill paid on time", "Fine left unpaid", "Loan overdue", "Gave blood", "Volunteering"]
    for page, table in (("draft-edit", "Rules"), ("rule-set", "Rules of ")):
        tables = soup(signed_in.get(reverse(f"console:{page}", args=[2]))).select(f"[aria-label^='{table}']")
        assert [row.get_text(strip=True) for part in tables for row in part.select("tbody th")] == expected


def test_differences_name_both_sides(signed_in, draft, ada):
    changed = dataclasses.replace(DRAFT, lift=0.3, bands=(*TERMS.bands, BandTerms("superb", "Superb", 800)))
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=changed)
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in soup(signed_in.get(
        reverse("console:differences", args=[2]))).select("tbody tr")]  # fmt: skip
    assert ["Rule set", "Lift", "0.1", "0.3"] in rows
    assert ["Band Superb", "Lower edge", "not there", "800"] in rows
    assert len(rows) == 3


@pytest.mark.parametrize("asked", ["x", "99", "-1", "9" * 40])
def test_differences_with_nonsense_are_not_found(signed_in, draft, asked):
    assert signed_in.get(reverse("console:differences", args=[2]), {"with": asked}).status_code == 404


def test_making_a_draft_opens_its_form(signed_in, in_force, ada):
    response = signed_in.post(reverse("console:draft-new", args=[1]), {"name": "Kinder"})
    draft = RuleSet.objects.get(version=2)
    assert (draft.name, draft.author, response["Location"]) == ("Kinder", ada, reverse("console:draft-edit", args=[2]))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (" ", "Give it a name."),
        ("x" * 121, "A name has at most 120 characters."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_draft_that_is_not_made_says_why(signed_in, in_force, name, reason):
    page = signed_in.post(reverse("console:draft-new", args=[1]), {"name": name})
    assert page.status_code == 422
    assert soup(page).select_one(".errors li").get_text() == f"Name of the draft: {reason}"
    assert soup(page).find("input", attrs={"name": "name"})["value"] == name, "what was typed is kept"
    assert RuleSet.objects.count() == 1


def test_saving_unchanged_changes_nothing(signed_in, draft):
    before = terms_of(draft)
    assert edit(signed_in, draft).status_code == 302
    assert terms_of(RuleSet.objects.get(pk=draft.pk)) == before


def test_every_kind_of_weight_can_be_edited(signed_in, draft):
    response = edit(
        signed_in,
        draft,
        own__drag="0.35",
        own__note="First line\r\nsecond",
        dimensions__1__room="90",
        ties__friend="0.25",
        rules__0__half_life_days="",
        rules__1__DELETE="on",
        rules__2__behaviour_type="volunteering",
        rules__2__dimension="deeds",
        rules__2__points="5",
        rules__2__most="50",
        bands__2__lower="700",
        bands__3__name="Superb",
        bands__3__lower="800",
    )
    assert response.status_code == 302
    now = terms_of(RuleSet.objects.get(pk=draft.pk))
    assert (now.drag, now.note, now.dimensions[1].room) == (0.35, "First line\nsecond", 90.0)
    assert dict(now.tie_weights)["friend"] == 0.25
    assert now.rules == (
        dataclasses.replace(TERMS.rules[0], half_life_days=None),
        RuleTerms("volunteering", "deeds", 5.0, 50.0),
    )
    assert [(band.name, band.lower) for band in now.bands] == [
        ("Poor", 350), ("Fair", 550), ("Good", 700), ("Superb", 800),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("own-drag", "1", "less than 1"),
        ("own-drag", "-0.1", "0 or more"),
        ("own-lift", "1.0", "less than 1"),
        ("own-lift", "nan", "Enter a number"),
        ("own-cap", "inf", "Enter a number"),
        ("own-k0", "1e300", "Enter a number"),
        ("own-base", "", "Enter a number"),
        ("own-base", "20", "350 to 950"),
        ("own-minimum_behaviours", "1.5", "Enter a whole number"),
        ("own-minimum_behaviours", "9999999999999", "must be from 0"),
        ("own-name", "", "needs a name"),
        ("own-theta_drag", "701", "one person would drag and lift"),
        ("dimensions-0-room", "-1", "must be from 0 to 600"),
        ("rules-0-half_life_days", "-3", "from 0.01 to 36,525 days"),
        ("rules-0-half_life_days", "0.009", "from 0.01 to 36,525 days"),
        ("rules-0-expiry_days", "1000000000", "100 years"),
        ("rules-0-points", "lots", "Enter a number"),
        ("rules-0-points", "1_000", "plain digits"),
        ("rules-0-points", "０.７", "plain digits"),
        ("rules-0-points", "\N{MINUS SIGN}1000001", "from −1,000,000 to 1,000,000"),
        ("own-minimum_behaviours", "1_0", "plain digits"),
        ("rules-0-most", "601", "must be from 0 to 600"),
        ("rules-0-dimension", "luck", "no dimension “luck”"),
        ("ties-friend", "-1", "must be from 0"),
        ("bands-0-lower", "360", "leave a gap"),
        ("bands-1-lower", "650", "would overlap"),
        ("bands-2-lower", "1000", "350 to 950"),
        ("bands-2-name", "Poor", "already a band"),
    ],
)
def test_the_form_refuses_at_the_field_in_words(signed_in, draft, field, value, words):
    before = terms_of(draft)
    response = edit(signed_in, draft, **{field: value, "own-note": "Kept while I correct it."})

    # Of two bands that start together the second is the one to move.
    assert words in error_at(response, "bands-2-lower" if "overlap" in words else field)
    assert response.status_code == 422
    assert soup(response).find(attrs={"name": "own-note"}).get_text(strip=True) == "Kept while I correct it."
    assert terms_of(RuleSet.objects.get(pk=draft.pk)) == before


def test_what_was_refused_is_still_in_its_box(signed_in, draft):
    response = edit(signed_in, draft, own__drag="1.7", rules__2__points="12", rules__2__behaviour_type="volunteering")
    page = soup(response)
    assert page.find(attrs={"name": "own-drag"})["value"] == "1.7"
    assert page.find(attrs={"name": "rules-2-points"})["value"] == "12"
    assert page.select_one("select[name=rules-2-behaviour_type] option[selected]")["value"] == "volunteering"


@pytest.mark.parametrize(
    ("key", "words"), [("sneezed", "no behaviour type “sneezed”"), ("loan_overdue", "already has")]
)
def test_a_new_rule_needs_a_known_type_without_a_rule(signed_in, draft, key, words):
    response = edit(
        signed_in,
        draft,
        rules__2__behaviour_type=key,
        rules__2__dimension="deeds",
        rules__2__points="1",
        rules__2__most="1",
    )
    assert words in error_at(response, "rules-2-behaviour_type")


def test_removing_every_band_is_refused(signed_in, draft):
    response = edit(signed_in, draft, **{f"bands-{row}-DELETE": "on" for row in range(3)})
    assert "at least one band" in soup(response).get_text()


def test_a_form_that_is_behind_is_refused_and_keeps_what_was_typed(signed_in, draft, ada):
    address = reverse("console:draft-edit", args=[2])
    seen = soup(signed_in.get(address)).find("input", attrs={"name": "seen"})["value"]
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(DRAFT, cap=11.0))

    refused = signed_in.post(address, typed(DRAFT, seen=seen, own__drag="0.4"))

    page = soup(refused)
    assert "Network cap: 60 points → 11 points" in page.get_text()
    assert page.find(attrs={"name": "own-drag"})["value"] == "0.4"
    assert RuleSet.objects.get(pk=draft.pk).drag == 0.2
    again = page.find("input", attrs={"name": "seen"})["value"]
    assert signed_in.post(address, typed(DRAFT, seen=again, own__drag="0.4")).status_code == 302
    assert RuleSet.objects.get(pk=draft.pk).drag == 0.4


def test_a_row_goes_by_its_own_rule_after_another_window_removed_one(signed_in, draft, ada):
    address = reverse("console:draft-edit", args=[2])
    seen = soup(signed_in.get(address)).find("input", attrs={"name": "seen"})["value"]
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(DRAFT, rules=TERMS.rules[1:]))
    refused = soup(signed_in.post(address, typed(DRAFT, seen=seen)))
    again = refused.find("input", attrs={"name": "seen"})["value"]

    page = soup(signed_in.post(address, typed(DRAFT, seen=again, rules__0__points="lots")))

    rows = [page.find(attrs={"name": f"rules-{row}-behaviour_type"}).find_parent("tr").th for row in range(2)]
    assert [row.get_text(strip=True) for row in rows] == ["Bill paid on time", "Loan overdue"]
    assert [link.get_text() for link in page.select(".errors a")] == ["Bill paid on time: Points"]


def test_an_empty_row_too_many_changes_nothing(signed_in, draft):
    before = terms_of(draft)
    assert edit(signed_in, draft, **{"dimensions-TOTAL_FORMS": 3}).status_code == 302
    assert terms_of(RuleSet.objects.get(pk=draft.pk)) == before


@pytest.mark.parametrize("seen", ["", "forged:signature", "x"])
def test_a_form_without_what_was_seen_is_refused(signed_in, draft, seen):
    response = edit(signed_in, draft, seen=seen, own__drag="0.4")
    assert response.status_code == 422
    assert "arrived incomplete" in soup(response).get_text()
    assert soup(response).find(attrs={"name": "own-drag"})["value"] == "0.4"


def test_a_form_without_its_tables_is_refused_without_a_crash(signed_in, draft):
    seen = soup(signed_in.get(reverse("console:draft-edit", args=[2]))).find("input", attrs={"name": "seen"})["value"]
    assert signed_in.post(reverse("console:draft-edit", args=[2]), {"seen": seen}).status_code == 422


def test_somebody_elses_draft_can_be_read_but_not_edited(client, draft, grace):
    client.force_login(grace)
    response = client.get(reverse("console:draft-edit", args=[2]), follow=True)
    assert "Only the author may edit a draft" in soup(response).get_text()
    assert not soup(response).find("form", class_="draft")


def test_pages_without_any_rule_set_say_what_to_do(signed_in):
    rule_sets = soup(signed_in.get(reverse("console:rule-sets"))).get_text()
    assert "no rule set yet. python manage.py install_rule_set installs the first" in rule_sets
    assert "No rule set is published" in soup(signed_in.get(reverse("console:home"))).get_text()
    assert "No rule set is published" in soup(signed_in.get(reverse("console:runs"))).get_text()


def test_no_page_carries_inline_script_or_style(signed_in, draft):
    for name, arguments in [("home", []), ("rule-sets", []), ("rule-set", [2]), ("draft-edit", [2]), ("runs", [])]:
        page = soup(signed_in.get(reverse(f"console:{name}", args=arguments)))
        assert not page.select("script:not([src]), style, [style], [onclick], [onchange]"), name


def test_what_is_refused_is_listed_with_links_to_the_entries(signed_in, draft):
    page = soup(edit(signed_in, draft, own__cap="9999", rules__0__points="1_000"))
    links = {link["href"]: link.get_text() for link in page.select(".errors a")}
    assert links == {"#id_own-cap": "Network cap", "#id_rules-0-points": "Bill paid on time: Points"}
    assert all(page.find(id=href.removeprefix("#")) for href in links)
