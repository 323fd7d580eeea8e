"""Who lives in the town, on paper: same seed, same town; families that could be; scores of every kind."""

import hashlib

import numpy as np
import pytest

from scoring.rules.open_sesame_2017 import RULES, TERMS
from sesame_site.demo.town.conduct import SOURCE_OF
from sesame_site.demo.town.load import SOURCES
from sesame_site.demo.town.people import ADULT, BO, JUN, MEI, STORIES
from tests.sesame_site.demo.on_paper import TownOnPaper, town_on_paper

EDGES = [band.lower for band in TERMS.bands] + [951]


@pytest.fixture(scope="module")
def town() -> TownOnPaper:
    """The town that `make demo` builds."""
    return town_on_paper(5000, 2017)


def fingerprint(town: TownOnPaper) -> str:
    people, ties, conduct = town.people, town.people.ties, town.conduct
    columns = [
        *(people.age, people.household, people.reliable, people.means),
        *(ties.first, ties.second, ties.strength, conduct.citizen, conduct.kind, conduct.days_ago, conduct.amount),
    ]
    words = " ".join([*people.names, *ties.kind, *conduct.keys]).encode()
    return hashlib.sha256(b"".join(column.tobytes() for column in columns) + words).hexdigest()


def test_same_seed_and_size_same_town() -> None:
    one, again = town_on_paper(300, 7), town_on_paper(300, 7)
    assert fingerprint(one) == fingerprint(again)


@pytest.mark.parametrize(("size", "seed"), [(300, 8), (301, 7)])
def test_another_seed_or_size_another_town(size: int, seed: int) -> None:
    assert fingerprint(town_on_paper(300, 7)) != fingerprint(town_on_paper(size, seed))


def test_parents_are_at_least_18_years_older(town: TownOnPaper) -> None:
    ties, age = town.people.ties, town.people.age
    parent = ties.kind == "parent"
    assert parent.sum() > 1000
    assert (age[ties.second[parent]] - age[ties.first[parent]]).min() >= 18


def test_everybody_has_at_most_two_parents_and_one_partner(town: TownOnPaper) -> None:
    ties = town.people.ties
    parent, partner = ties.kind == "parent", ties.kind == "partner"
    assert np.bincount(ties.first[parent]).max() == 2
    assert np.bincount(np.concatenate([ties.first[partner], ties.second[partner]])).max() == 1


def test_nobody_is_a_parent_or_partner_and_a_sibling_of_the_same_person(town: TownOnPaper) -> None:
    ties = town.people.ties
    family = np.isin(ties.kind, ["parent", "partner", "sibling"])
    low, high = np.minimum(ties.first, ties.second)[family], np.maximum(ties.first, ties.second)[family]
    assert len(np.unique(low * len(town.people) + high)) == family.sum()


def test_children_of_one_home_are_all_siblings(town: TownOnPaper) -> None:
    people, ties = town.people, town.people.ties
    children = np.unique(ties.first[ties.kind == "parent"])
    per_home = np.bincount(people.household[children])
    assert (ties.kind == "sibling").sum() == (per_home * (per_home - 1) // 2).sum() + 1  # Jun and Bo live apart


def test_nothing_is_observed_of_children(town: TownOnPaper) -> None:
    assert (town.people.age[town.conduct.citizen] >= ADULT).all()


def test_everything_happened_within_two_years(town: TownOnPaper) -> None:
    assert town.conduct.days_ago.min() >= 0
    assert town.conduct.days_ago.max() <= 730


@pytest.mark.parametrize("seed", [2017, 1])
def test_every_band_is_populated(seed: int) -> None:
    town = town_on_paper(5000, seed)
    share = np.histogram(town.solution.score[town.scored], EDGES)[0] / town.scored.sum()
    assert share.min() >= 0.05, share


def test_the_network_matters_to_many(town: TownOnPaper) -> None:
    own, score = (np.digitize(values[town.scored], EDGES) for values in (town.own, town.solution.score))
    assert (score < own).mean() > 0.1
    assert np.abs(town.solution.network[town.scored]).max() == pytest.approx(60)


def test_hardly_anybody_stands_still(town: TownOnPaper) -> None:
    months = [town_on_paper(5000, 2017, days_before=days).solution.score for days in (300, 200, 100)]
    months.append(town.solution.score)
    scores = np.floor(np.stack(months)[:, town.scored] + 0.5)
    distinct = (np.diff(np.sort(scores, axis=0), axis=0) != 0).sum(axis=0) + 1
    assert (distinct >= 3).mean() >= 0.95


def test_mei_is_superb(town: TownOnPaper) -> None:
    assert town.solution.score[MEI] >= 700


def test_jun_is_good_and_pulled_down_a_band(town: TownOnPaper) -> None:
    assert 600 <= town.own[JUN] < 650
    assert 550 <= town.solution.score[JUN] < 600


def test_bo_is_poor_and_recovers(town: TownOnPaper) -> None:
    assert town.solution.score[BO] < 550
    assert town.solution.score[BO] > town_on_paper(5000, 2017, days_before=300).solution.score[BO] + 40


@pytest.mark.parametrize("person", STORIES)
def test_five_scored_ties_at_least_so_that_the_network_effect_is_shown_split(town: TownOnPaper, person: int) -> None:
    ties = town.people.ties
    others = np.concatenate([ties.second[ties.first == person], ties.first[ties.second == person]])
    assert town.scored[np.unique(others)].sum() >= 5


def test_whatever_is_observed_has_a_rule_and_one_source(town: TownOnPaper) -> None:
    observed = set(town.conduct.keys)
    assert observed <= {spec.key for spec in RULES}
    assert sorted(observed) == sorted(key for keys in SOURCE_OF.values() for key in keys)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_may_speak_of_what_it_observes_and_of_nothing_else(source: str) -> None:
    *_, contexts = SOURCES[source]
    context_of = {spec.key: spec.context for spec in RULES}
    assert set(contexts) == {context_of[key] for key in SOURCE_OF[source]}


def test_the_dimensions_have_the_reported_shares() -> None:
    assert [part.room / 8 for part in TERMS.dimensions] == [35, 25, 20, 15, 5]
