"""From the rows of a rule set to arrays, to terms and back: nothing lost, nothing in another's place."""

import json
import math

import numpy as np
import pytest
from django.db.models import Value

from citizens.enums import TieKind
from citizens.models import BehaviourType
from scoring.engine.model import ROLES
from scoring.models import Dimension, Rule, RuleSet
from scoring.rules.arrays import band_ids_of, influence_of, rules_of
from scoring.rules.table import Limit
from scoring.rules.terms import DimensionTerms, RuleTerms, Terms, terms_of
from tests import cast
from tests.scoring.rule_book import TERMS

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule_set():
    """The small rule set, with a dimension before its own, and a rule in it that fades and is forgotten."""
    rule_set = cast.a_rule_set(publish=False, k0=2.5, minimum_behaviours=3)
    rule_set.dimensions.update(position=1)
    kind = BehaviourType.objects.create(key="volunteering", name="Volunteering", context="civic")
    deeds = Dimension.objects.create(rule_set=rule_set, key="zeal", name="Zeal", room=30.5, note="From an essay.")
    fading = {"half_life_days": 10, "expiry_days": 100.5}
    Rule.objects.create(rule_set=rule_set, dimension=deeds, behaviour_type=kind, points=80, most=50, **fading)
    rule_set.tie_weights.filter(role="parent").update(weight=7)
    rule_set.tie_weights.filter(role="child").delete()
    return rule_set


def ids_of(*keys):
    return [BehaviourType.objects.get(key=key).pk for key in keys]


def test_each_rule_stands_in_the_place_of_its_type(rule_set):
    unknown = BehaviourType.objects.create(key="sneezed", name="Sneezed", context="social").pk
    types = [unknown, *ids_of("volunteering", "bill_paid_on_time")]
    rules = rules_of(RuleSet.objects.with_parts().get(), types)
    assert rules.points.tolist() == [0, 80, 10]
    assert rules.most.tolist() == [0, 50, 100]
    assert rules.half_life_days.tolist() == [math.inf, 10, math.inf]
    assert rules.expiry_days.tolist() == [math.inf, 100.5, math.inf]
    assert rules.dimension.tolist() == [-1, 0, 1]
    assert rules.room.tolist() == [30.5, 250]
    assert (rules.base, rules.minimum_behaviours, rules.floor, rules.ceiling) == (600, 3, 350, 950)
    assert rules.problems() == []
    assert rules_of(rule_set, []).points.tolist() == []


def test_each_role_weighs_what_its_row_says_and_without_one_nothing(rule_set):
    influence = influence_of(rule_set)
    assert dict(zip(ROLES, influence.weight.tolist(), strict=True)) == dict.fromkeys(ROLES, 1) | {
        "parent": 7,
        "child": 0,
    }
    assert [influence.drag, influence.lift, influence.cap, influence.k0] == [0.4, 0.2, 60, 2.5]
    assert [influence.theta_drag, influence.theta_lift] == [600, 700]


def test_every_number_of_the_scale_finds_its_band(rule_set):
    numbers = np.arange(350, 951, dtype=np.int16)
    ids = {band.key: band.pk for band in rule_set.bands.all()}
    expected = [ids[[key for key, lower in cast.BANDS if lower <= number][-1]] for number in numbers]
    assert band_ids_of(rule_set, numbers).tolist() == expected
    shuffled = np.random.default_rng(1).permutation(numbers)
    assert band_ids_of(rule_set, shuffled).tolist() == [expected[number - 350] for number in shuffled]
    assert band_ids_of(rule_set, numbers[:0]).tolist() == []


def test_terms_are_what_is_stored_in_the_order_of_the_page(rule_set):
    terms = terms_of(rule_set)
    assert (terms.name, terms.note, terms.minimum_behaviours, terms.k0) == ("Small", "", 3, 2.5)
    assert terms.dimensions == (
        DimensionTerms("zeal", "Zeal", 30.5, "From an essay."),
        DimensionTerms("credit", "Credit", 250),
    )
    assert terms.rules == (
        RuleTerms("bill_paid_on_time", "credit", 10, 100),
        RuleTerms("loan_overdue", "credit", -50, 200),
        RuleTerms("volunteering", "zeal", 80, 50, 10, 100.5),
    )
    assert terms.tie_weights == tuple((kind.value, {"parent": 7, "child": 0}.get(kind, 1)) for kind in TieKind)
    assert [(band.key, band.lower) for band in terms.bands] == [*cast.BANDS]


@pytest.mark.parametrize("whose", ["stored", "written"])
def test_terms_come_back_from_json_as_they_went(rule_set, whose):
    terms = terms_of(rule_set) if whose == "stored" else TERMS
    there_and_back = Terms.from_json(json.loads(json.dumps(terms.as_json())))
    assert there_and_back == terms
    assert hash(there_and_back) == hash(terms)


def test_with_its_parts_nothing_more_is_asked(rule_set, django_assert_num_queries):
    loaded = RuleSet.objects.with_parts().prefetch_related("rules__dimension").get()
    with django_assert_num_queries(0):
        assert terms_of(loaded) == terms_of(loaded)
        rules_of(loaded, [1, 2])
        influence_of(loaded)
        band_ids_of(loaded, np.array([600], np.int16))


EDGES = [-1e300, -1, -1e-300, -0.0, 0, 1e-300, 0.999_999_999_999_999_9, 1, 1 + 2**-52, 2, 1e300, math.inf, -math.inf]


@pytest.mark.parametrize("below_high", [True, False])
@pytest.mark.parametrize("value", [*EDGES, math.nan])
def test_python_and_postgresql_agree_on_a_limit(value, below_high):
    limit = Limit(0, 1, below_high=below_high)
    within = 0 <= value < 1 if below_high else 0 <= value <= 1
    assert limit.admits(value) == within
    assert limit.condition("x").check({"x": Value(value)}) == within
