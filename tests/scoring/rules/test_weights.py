"""Every weight of the table is in the database, the terms, forms, pages, differences, REST and the admin."""

import dataclasses

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from citizens.enums import TieKind
from scoring.actions import rule_sets as actions
from scoring.console.rule_sets import next_name
from scoring.models import Band, Dimension, Rule, RuleSet, TieWeight
from scoring.rules.differences import differences_of_terms
from scoring.rules.limits import problems_in
from scoring.rules.table import Limit, Unit, Weight
from scoring.rules.terms import Terms
from scoring.rules.weights import BAND, DIMENSION, NETWORK, OWN, RULE, RULE_SET, TIE
from tests.pages import soup
from tests.scoring.rule_book import TERMS

pytestmark = pytest.mark.django_db
TABLES = [(RuleSet, RULE_SET), (Dimension, DIMENSION), (Rule, RULE), (TieWeight, TIE), (Band, BAND)]
ROWS = [(model, weight) for model, table in TABLES for weight in table.values()]
NUMBERS = (models.FloatField, models.PositiveIntegerField, models.PositiveSmallIntegerField)
NOT_WEIGHTS = {"version", "position"}


def another(weight):
    """A value within the limit that the rule set in force does not have."""
    value = weight.limit.low + 0.37 * min(weight.limit.high - weight.limit.low, 1000)
    return round(value) if weight.whole else round(value, 2)


MOVED = {name: another(weight) for name, weight in RULE_SET.items()}


@pytest.fixture
def moved(draft, ada):
    """A draft in which each weight of the rule set differs from the one in force."""
    return actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(TERMS, **MOVED))


@pytest.fixture
def signed_in(client, ada):
    client.force_login(ada)
    return client


def by_name(weight):
    return weight.name if isinstance(weight, Weight) else weight.__name__


@pytest.mark.parametrize(("model", "weight"), ROWS, ids=by_name)
def test_the_model_has_the_words_and_the_limit(model, weight):
    field = model._meta.get_field(weight.name)
    assert (field.verbose_name, field.help_text, field.null) == (weight.label, weight.help, weight.optional)
    assert isinstance(field, models.IntegerField) == weight.whole
    assert weight.default in (None, field.default)
    beyond = weight.limit.high if weight.limit.below_high else weight.limit.high + 1
    others = {field.name for field in model._meta.fields} - {weight.name}
    with pytest.raises(ValidationError) as refusal:
        model(**{weight.name: beyond}).validate_constraints(exclude=others)
    assert refusal.value.messages == [weight.reason()]


@pytest.mark.parametrize(("model", "table"), TABLES, ids=lambda part: getattr(part, "__name__", ""))
def test_no_number_of_a_model_is_missing_from_the_table(model, table):
    numbers = {field.name for field in model._meta.fields if isinstance(field, NUMBERS)}
    assert numbers - NOT_WEIGHTS == set(table)


def test_the_terms_hold_every_weight():
    fields = {field.name for field in dataclasses.fields(Terms)}
    assert set(RULE_SET) <= fields
    assert set(TERMS.numbers) == set(RULE_SET)


@pytest.mark.parametrize("name", RULE_SET)
def test_a_difference_names_the_weight(name):
    [found] = differences_of_terms(TERMS, dataclasses.replace(TERMS, **{name: MOVED[name]}))
    assert (found.name, found.new) == (RULE_SET[name].label, RULE_SET[name].in_words(MOVED[name]))


@pytest.mark.parametrize("name", RULE_SET)
def test_a_value_outside_the_limit_is_refused_in_words(name):
    weight = RULE_SET[name]
    reasons = dict(problems_in(dataclasses.replace(TERMS, **{name: weight.limit.low - 1})))
    assert reasons[name] == weight.reason()
    assert str(weight.label) in reasons[name]


def test_the_page_shows_every_weight_with_its_label_and_help(signed_in, moved):
    page = soup(signed_in.get(reverse("console:rule-set", args=[moved.version])))
    shown = {entry.dt.get_text(): " ".join(entry.dd.get_text().split()) for entry in page.select("#own ~ dl.facts div")}
    for name, weight in RULE_SET.items():
        assert shown[str(weight.label)] == f"{weight.in_words(MOVED[name])} {weight.help}"


def test_the_page_shows_every_weight_of_rules_dimensions_and_ties(signed_in, moved):
    page = soup(signed_in.get(reverse("console:rule-set", args=[moved.version])))
    table = page.select_one("[aria-label='Rules of Money']")
    heads = [cell.get_text() for cell in table.select("thead th")]
    assert heads[2:] == [str(weight.label) for weight in RULE.values()]
    rows = [[cell.get_text() for cell in row.select("td")][1:] for row in table.select("tbody tr")]
    assert rows == [[weight.in_words(getattr(rule, name)) for name, weight in RULE.items()] for rule in TERMS.rules]
    text = page.get_text(" ", strip=True)
    for weight in (*RULE.values(), *DIMENSION.values(), *TIE.values()):
        assert str(weight.help) in text


def test_the_form_asks_for_every_weight_with_its_label_and_help(signed_in, moved):
    page = soup(signed_in.get(reverse("console:draft-edit", args=[moved.version])))
    for name, weight in RULE_SET.items():
        box = page.find("input", attrs={"name": f"own-{name}"})
        assert float(box["value"]) == MOVED[name]
        assert page.find("label", attrs={"for": box["id"]}).get_text() == weight.heading
        assert page.find(id=box["aria-describedby"]).get_text() == str(weight.help)
    for prefix, table in (("dimensions-0", DIMENSION), ("rules-0", RULE), ("bands-0", BAND)):
        for name, weight in table.items():
            box = page.find("input", attrs={"name": f"{prefix}-{name}"})
            assert page.find("label", attrs={"for": box["id"]}).get_text().startswith(weight.heading)
            assert str(weight.help) in page.get_text()
    assert all(page.find("input", attrs={"name": f"ties-{kind}"}) for kind in TieKind.values)


def test_rest_gives_every_weight(moved, ada, client):
    client.force_login(ada)
    answer = client.get(f"/api/v1/rule-sets/{moved.version}/").json()
    assert {name: answer[name] for name in RULE_SET} == MOVED
    for part, table in (("dimensions", DIMENSION), ("rules", RULE), ("tie_weights", TIE), ("bands", BAND)):
        assert set(table) <= set(answer[part][0])


def test_rest_describes_every_weight(client):
    schemas = client.get("/api/schema/?format=json").json()["components"]["schemas"]
    parts = {"RuleSet": RULE_SET, "Dimension": DIMENSION, "Rule": RULE, "TieWeight": TIE, "Band": BAND}
    for schema, table in parts.items():
        for name, weight in table.items():
            assert schemas[schema]["properties"][name]["description"] == str(weight.help)


def test_the_admin_shows_every_weight(client, moved, admin_user):
    client.force_login(admin_user)
    text = soup(client.get(f"/admin/scoring/ruleset/{moved.pk}/change/")).get_text(" ", strip=True)
    for weight in (*RULE_SET.values(), *RULE.values(), *DIMENSION.values(), *TIE.values(), *BAND.values()):
        assert str(weight.label) in text


def test_every_weight_is_own_or_of_the_network():
    assert [*OWN, *NETWORK] == [*RULE_SET]


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        (Unit.POINTS, 1, "1 point"),
        (Unit.POINTS, 60.5, "60.5 points"),
        (Unit.SIGNED_POINTS, -3.0, "−3"),
        (Unit.SIGNED_POINTS, 3.0, "+3"),
        (Unit.DAYS, 1.0, "1 day"),
        (Unit.DAYS, 0.01, "0.01 days"),
        (Unit.NUMBER, 1_000_000, "1,000,000"),
    ],
)
def test_a_value_is_said_with_its_unit(unit, value, words):
    assert unit.in_words(value) == words


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1e300, 1.0])
def test_a_limit_admits_only_numbers_within_it(value):
    assert not Limit(0, 1, below_high=True).admits(value)


def test_a_weight_that_must_be_there_is_refused_when_it_is_not():
    assert RULE_SET["cap"].problem(None) == RULE_SET["cap"].reason()
    assert RULE["half_life_days"].problem(None) is None


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("Small town", "Small town, changed"),
        ("Small town, changed", "Small town, changed 2"),
        ("Small town, changed 2", "Small town, changed 3"),
        ("Small town, changed mind", "Small town, changed mind, changed"),
        (", changed", ", changed, changed"),
        ("x" * 120, "x" * 111 + ", changed"),
    ],
)
def test_a_draft_is_named_after_what_it_changes_once(name, proposed):
    assert next_name(name) == proposed
    assert len(proposed) <= 120
