"""Measures of a population, compared with networkx and with counting by hand."""

import math
from dataclasses import astuple

import networkx as nx
import numpy as np
import pytest

from observatory.measures import (
    UNSCORED,
    band_positions,
    moves,
    network_effect,
    segregation,
    segregation_in_rows,
)


def random_town(seed: int, unscored: float = 0.0):
    dice = np.random.default_rng(seed)
    people = int(dice.integers(4, 40))
    graph = nx.gnm_random_graph(people, int(dice.integers(3, people * 2)), seed=seed)
    labels = dice.integers(0, 4, people)
    labels[dice.random(people) < unscored] = UNSCORED
    ties = np.array(list(graph.edges), dtype=np.int64).reshape(-1, 2)
    return graph, labels, ties[:, 0], ties[:, 1]


@pytest.mark.parametrize("seed", range(60))
def test_assortativity_is_that_of_networkx(seed):
    graph, labels, first, second = random_town(seed)
    nx.set_node_attributes(graph, {node: int(label) for node, label in enumerate(labels)}, "band")

    found = segregation(labels, first, second)

    assert found.assortativity == pytest.approx(nx.attribute_assortativity_coefficient(graph, "band"), abs=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_ties_in_rows_give_the_same(seed):
    graph, labels, first, second = random_town(seed, unscored=0.2)
    rows = nx.to_scipy_sparse_array(graph, nodelist=range(len(labels)), format="csr")

    found = segregation_in_rows(labels, rows.indptr, rows.indices)

    assert astuple(found) == pytest.approx(astuple(segregation(labels, first, second)), nan_ok=True)


@pytest.mark.parametrize("seed", range(30))
def test_ties_with_an_unscored_side_do_not_count(seed):
    graph, labels, first, second = random_town(seed, unscored=0.3)
    scored = graph.subgraph([node for node in graph if labels[node] != UNSCORED])
    nx.set_node_attributes(scored, {node: int(labels[node]) for node in scored}, "band")

    found = segregation(labels, first, second)

    assert found.ties == scored.number_of_edges()
    if scored.number_of_edges() and found.expected_share < 1:
        assert found.assortativity == pytest.approx(nx.attribute_assortativity_coefficient(scored, "band"), abs=1e-12)


def test_two_castes_that_never_meet_are_fully_segregated():
    found = segregation(np.array([0, 0, 1, 1]), np.array([0, 2]), np.array([1, 3]))

    assert (found.same_share, found.expected_share, found.assortativity) == (1.0, 0.5, 1.0)


def test_only_ties_across_are_the_opposite_of_segregation():
    assert segregation(np.array([0, 1]), np.array([0]), np.array([1])).assortativity == -1.0


@pytest.mark.parametrize("labels", [[0, 0], [UNSCORED, 0]])
def test_without_a_choice_there_is_no_coefficient(labels):
    assert math.isnan(segregation(np.array(labels), np.array([0]), np.array([1])).assortativity)


def test_the_network_effect_counts_those_whom_ties_moved_a_band():
    drag, lift = np.array([-10.0, 0.0, -1.0, np.nan]), np.array([0.0, 4.0, 0.0, np.nan])
    own, band = np.array([2, 1, 1, UNSCORED]), np.array([1, 2, 1, UNSCORED])

    found = network_effect(drag, lift, own, band)

    assert (found.drag_total, found.lift_total, found.pulled_down, found.pushed_up) == (-11.0, 4.0, 1, 1)
    assert found.pulled_down_share == pytest.approx(1 / 3)


def test_nobody_scored_is_no_division_by_zero():
    nobody = np.array([UNSCORED])
    assert network_effect(np.zeros(1), np.zeros(1), nobody, nobody).pulled_down_share == 0.0


def test_moves_put_the_unscored_last():
    table = moves(np.array([0, 1, UNSCORED, 1]), np.array([0, 0, 1, UNSCORED]), 2, 3)

    assert table.tolist() == [[1, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0]]


def test_a_band_holds_its_lower_edge():
    published = np.array([350, 549, 550, 950, UNSCORED], dtype=np.int16)
    assert band_positions(published, [(350, 549), (550, 599), (600, 950)]).tolist() == [0, 0, 1, 2, UNSCORED]
