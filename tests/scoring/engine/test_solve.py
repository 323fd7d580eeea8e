"""The network effect: by hand, against the reference, and every property that the model promises."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import reference
from scoring.engine.kernels import sweeps, threads
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import LONG_AGO, ROLES, Influence, Solution, Ties, full_minutes
from scoring.engine.solve import NotConverged, solve
from tests.scoring.engine import worlds

SEEDS = st.integers(0, 2**32 - 1)
ROUNDING = 1e-9


def everybody(scores: list[float], ties: Ties, influence: Influence, **options: float) -> Solution:
    return solve(np.array(scores), np.ones(len(scores), bool), ties, influence, **options)


def a_world(seed: int, n: int = 12) -> tuple[np.ndarray, np.ndarray, Ties, Influence, np.random.Generator]:
    rng = np.random.default_rng(seed)
    own, scored = worlds.random_own(rng, n)
    ties, influence = worlds.random_ties(rng, n, int(rng.integers(0, 4 * n))), worlds.random_influence(rng)
    return own, scored, ties.at(worlds.NOW, influence), influence, rng


@pytest.mark.parametrize(
    ("k0", "bo", "mei"),
    [
        # Bo's 450 radiates −0.4 · 150 = −60 onto Mei's 600; her 540 radiates −24 back; his −0.4 · 174 meets the cap.
        (0.0, 426.0, 540.0),
        # Shares are 1 / (1 + 1): v = 150 + 0.2 u and u = 0.2 v below 600, so v = 156.25 and u = 31.25.
        (1.0, 443.75, 568.75),
    ],
)
def test_worked_by_hand(k0: float, bo: float, mei: float) -> None:
    drag = worlds.influence(lift=0.0, k0=k0, cap=60.0, weight=np.ones(7))
    solution = everybody([450.0, 600.0], worlds.ties_of(2, [(0, 1, "partner", 1.0)]), drag, tolerance=1e-9)
    assert solution.score == pytest.approx([bo, mei], abs=1e-8)
    assert solution.network == pytest.approx([bo - 450, mei - 600], abs=1e-8)


def test_parent_and_child_count_differently() -> None:
    # To Alice, Bo is her child (weight 1); to Bo, Alice is his parent (weight 3). Without a feedback, above θ_drag:
    # Alice feels 1 / (1 + 1) · 0.5 · (900 − 700) = 50, Bo feels 3 / (1 + 3) · 0.5 · (950 − 700), capped by nothing.
    up = worlds.influence(drag=0.0, lift=0.5, theta_lift=700.0, cap=500.0, weight=np.array([0, 3.0, 1.0, 0, 0, 0, 0]))
    solution = everybody([950.0, 700.0], worlds.ties_of(2, [(0, 1, "child", 1.0)]), up, tolerance=1e-9)
    bo = 700.0 + 0.75 * 0.5 * 250
    assert solution.score == pytest.approx([950.0, bo], abs=1e-8)
    assert solution.lift == pytest.approx([0.5 * 0.5 * (bo - 700), bo - 700], abs=1e-8)


def test_unscored_people_count_for_nobody() -> None:
    ties = worlds.ties_of(3, [(0, 1, "friend", 1.0), (0, 2, "friend", 1.0)])
    own, scored = np.array([600.0, 400.0, np.nan]), np.array([True, True, False])
    solution = solve(own, scored, ties, worlds.influence(k0=0.0, cap=500.0))
    alone = solve(own[:2], scored[:2], worlds.ties_of(2, [(0, 1, "friend", 1.0)]), worlds.influence(k0=0.0, cap=500.0))
    bound = solution.error_bound + alone.error_bound
    assert solution.score[:2] == pytest.approx(alone.score, abs=bound)
    assert np.isnan([column[2] for column in (solution.score, solution.drag, solution.lift, solution.network)]).all()


@pytest.mark.parametrize("people", [0, 1])
def test_hardly_anybody(people: int) -> None:
    solution = everybody([400.0] * people, worlds.ties_of(people, []), worlds.influence(k0=0.0))
    assert solution.score.tolist() == [400.0] * people
    assert solution.error_bound == 0.0


@pytest.mark.parametrize("block", range(10))
def test_as_the_reference(block: int) -> None:
    for seed in range(40 * block, 40 * (block + 1)):
        rng = np.random.default_rng(seed)
        own, scored = worlds.random_own(rng, 12)
        ties, influence = worlds.random_ties(rng, 12, int(rng.integers(0, 48))), worlds.random_influence(rng)
        expected = reference.solve(worlds.as_list(own), ties, influence, as_of=worlds.NOW)
        solution = solve(own, scored, ties.at(worlds.NOW, influence), influence, tolerance=1e-6)
        assert worlds.farthest(solution.score, expected) <= 1e-6 + ROUNDING, seed


def test_ties_that_were_not_compared_with_a_moment_are_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="since"):
        everybody([600.0] * 3, worlds.random_ties(rng, 3, 9), worlds.influence())


def test_a_row_that_is_not_sorted_is_refused() -> None:
    """Two ties to one person would not be found to be of one person."""
    row = np.array([1, 2, 1], np.int32), np.array([4, 4, 5], np.int8), np.ones(3, np.float32)
    with pytest.raises(ValueError, match="sorted"):
        everybody([600.0] * 3, Ties(np.array([0, 3, 3, 3]), *row), worlds.influence())


@pytest.mark.parametrize(
    ("days", "counts"), [(29.9, False), (30.0, True), (30.1, True), (0.0, False), (-3.0, False), (None, True)]
)
def test_a_tie_counts_once_it_has_waited(days: float | None, counts: bool) -> None:
    wait = worlds.influence(tie_wait=30.0)
    since = np.array([LONG_AGO], np.int32) if days is None else full_minutes(worlds.days_ago([days]))
    one, friend = np.zeros(1, np.int64), np.array([ROLES.index("friend")])
    ties = ties_from_pairs(2, one, one + 1, friend, friend, np.ones(1), since)
    network = everybody([400.0, 700.0], ties.at(worlds.NOW, wait), wait).network
    assert (network != 0).tolist() == [counts, counts]


@pytest.mark.parametrize("least", [1, 2, 3, 4])
def test_the_network_counts_with_enough_people_only(least: int) -> None:
    """Alice knows two who are scored (one of them twice), a stranger who is not, and a clerk who weighs nothing."""
    few = worlds.influence(least_ties=least, weight=np.array([1.0, 1, 1, 1, 1, 1, 0]))
    ties = worlds.ties_of(
        5,
        [
            (0, 1, "friend", 1.0),
            (0, 1, "colleague", 0.5),
            (0, 2, "friend", 1.0),
            (0, 3, "friend", 1.0),
            (0, 4, "neighbour", 1.0),
        ],
    )
    scored = np.array([True, True, True, False, True])
    solution = solve(np.array([700.0, 400, 400, np.nan, 400]), scored, ties, few)
    assert (solution.drag[0] < 0) == (least <= 2)
    assert solution.network[0] == (pytest.approx(-53.3, abs=1) if least <= 2 else 0.0)


@pytest.mark.parametrize("seed", [*range(60), 261, 2229])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-8])
def test_an_end_however_steep_and_with_ties_one_way(seed: int, tolerance: float) -> None:
    """Where sweeps settle slowest, and pushes lead nowhere."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    own, scored = worlds.random_own(rng, n)
    ties = one_way(rng, worlds.random_ties(rng, n, int(rng.integers(0, 6 * n))))
    steep = replace(worlds.random_influence(rng), drag=0.99, lift=0.98, k0=0.0)
    ties = ties.at(worlds.NOW, steep)
    solution = solve(own, scored, ties, steep, tolerance=tolerance, start=rng.uniform(0, 2000, n))
    exact = reference.solve(worlds.as_list(own), ties, steep, tolerance=1e-9)
    assert worlds.farthest(solution.score, exact) <= tolerance + 1e-9


def one_way(rng: np.random.Generator, ties: Ties) -> Ties:
    """Some of the directed ties, without their other direction."""
    kept = rng.random(len(ties.other)) < 0.7
    row = np.repeat(np.arange(len(ties.indptr) - 1), np.diff(ties.indptr))[kept]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(ties.indptr) - 1))])
    return Ties(indptr, ties.other[kept], ties.role[kept], ties.strength[kept])


@given(seed=SEEDS)
@settings(max_examples=100, deadline=None)
def test_one_answer_whatever_the_start(seed: int) -> None:
    own, scored, ties, influence, rng = a_world(seed)
    one = solve(own, scored, ties, influence)
    other = solve(own, scored, ties, influence, start=rng.uniform(0, 2000, len(own)))
    assert worlds.farthest(other.score, worlds.as_list(one.score)) <= one.error_bound + other.error_bound + ROUNDING


@given(seed=SEEDS, tolerance=st.sampled_from([1.0, 0.001, 1e-6]))
@settings(max_examples=100, deadline=None)
def test_the_error_is_within_the_certified_bound(seed: int, tolerance: float) -> None:
    own, scored, ties, influence, _ = a_world(seed)
    solution = solve(own, scored, ties, influence, tolerance=tolerance)
    exact = reference.solve(worlds.as_list(own), ties, influence, tolerance=1e-10)
    assert solution.error_bound <= tolerance
    assert worlds.farthest(solution.score, exact) <= solution.error_bound + ROUNDING


@given(seed=SEEDS)
@settings(max_examples=100, deadline=None)
def test_raising_somebody_lowers_nobody(seed: int) -> None:
    own, scored, ties, influence, rng = a_world(seed)
    raised = own.copy()
    somebody = rng.integers(0, len(own))
    raised[somebody] += rng.uniform(0, 950 - np.nan_to_num(own[somebody], nan=950))
    before = solve(own, scored, ties, influence, tolerance=1e-7)
    after = solve(raised, scored, ties, influence, tolerance=1e-7)
    assert np.nanmin(after.score - before.score, initial=0.0) >= -before.error_bound - after.error_bound - ROUNDING


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_without_ties_or_influence_the_score_is_the_own_score(seed: int) -> None:
    own, scored, ties, influence, _ = a_world(seed)
    nobody = worlds.ties_of(len(own), [])
    assert worlds.same(solve(own, scored, nobody, influence).score, own)
    assert worlds.same(solve(own, scored, ties, worlds.influence(drag=0.0, lift=0.0)).score, own)


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_parts_have_their_signs_and_limits(seed: int) -> None:
    own, scored, ties, influence, _ = a_world(seed)
    solution = solve(own, scored, ties, influence)
    drag, lift, network, score = (
        column[scored] for column in (solution.drag, solution.lift, solution.network, solution.score)
    )
    assert (drag <= 0).all()
    assert (lift >= 0).all()
    assert np.array_equal(network, np.clip(drag + lift, -influence.cap, influence.cap))
    assert np.array_equal(score, np.clip(own[scored] + network, 350, 950))


def test_same_bits_however_often_and_with_however_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    own, scored, ties, _, _ = a_world(3, n=4_000)
    one, again = (solve(own, scored, ties, worlds.influence()) for _ in range(2))
    monkeypatch.setattr(threads, "SLICE_ENTRIES", 100)
    monkeypatch.setattr(threads, "processors", lambda: 3)
    threaded = solve(own, scored, ties, worlds.influence())
    for other in (again, threaded):
        assert worlds.same(one.score, other.score)
        assert worlds.same(one.drag, other.drag)
        assert one.residual == other.residual


def test_sums_one_at_a_time_and_four_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of none to many ties, so that quarters of the entries end anywhere in them."""
    for seed in range(20):
        own, scored, ties, influence, _ = a_world(seed, n=700)
        near = solve(own, scored, ties, influence, tolerance=1e-6)
        with monkeypatch.context() as patch:
            patch.setattr(sweeps, "FOUR_SUMS_CITIZENS", 0)
            far = solve(own, scored, ties, influence, tolerance=1e-6)
        assert worlds.farthest(near.score, worlds.as_list(far.score)) <= near.error_bound + far.error_bound
        assert near.rounds == far.rounds, "a sum that is wrong takes rounds to correct, if it can be at all"


def test_several_at_once_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    own, scored, ties, influence, _ = a_world(5, n=4_000)
    monkeypatch.setattr(threads, "SLICE_ENTRIES", 100)
    monkeypatch.setattr(threads, "processors", lambda: 1)
    alone = solve(own, scored, ties, influence)
    monkeypatch.setattr(threads, "processors", lambda: 3)
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda _: solve(own, scored, ties, influence), range(24)))
    assert all(worlds.same(one.score, alone.score) for one in together), "to the bit"


def test_work_is_that_of_those_who_count() -> None:
    """A thousand people above the threshold and one below it: only she is followed."""
    ring = [(i, (i + 1) % 1000, "child", 1.0) for i in range(1000)]
    own = np.full(1000, 620.0)
    own[0] = 400.0
    solution = everybody(own.tolist(), worlds.ties_of(1000, ring), worlds.influence())
    assert 0 < solution.pushes < 100


def test_several_ties_to_one_person_are_followed_as_one() -> None:
    """Pushed along three ties of a pair is what the strongest carries: else sweeps over all would have to mend it."""
    kinds = [("child", 0.5), ("friend", 1.0), ("neighbour", 1.0)]
    ring = [(i, (i + 1) % 1000, kind, strength) for i in range(1000) for kind, strength in kinds]
    own = np.full(1000, 620.0)
    own[0] = 400.0
    ties, influence = worlds.ties_of(1000, ring), worlds.influence()
    solution = everybody(own.tolist(), ties, influence)
    assert 0 < solution.pushes < 300
    exact = reference.solve(own.tolist(), ties, influence)
    assert worlds.farthest(solution.score, exact) <= solution.error_bound + ROUNDING


def test_from_the_answer_nothing_is_left_to_do() -> None:
    ties = worlds.ties_of(1000, [(i, (i + 1) % 1000, "child", 1.0) for i in range(1000)])
    own = np.linspace(400, 600, 1000)
    before = everybody(own.tolist(), ties, worlds.influence(), tolerance=1e-9)
    after = everybody(own.tolist(), ties, worlds.influence(), start=before.score)
    assert after.rounds == 0 < before.rounds


def test_few_sweeps_even_where_influence_is_strong() -> None:
    """Plain sweeps bring the error down by 0.9 each, so they would need about 120 for five digits and a half."""
    own, scored, ties, _, _ = a_world(5, n=2_000)
    strong = worlds.influence(drag=0.9, lift=0.9, theta_drag=650.0, theta_lift=650.0, k0=0.0, cap=600.0)
    solution = solve(own, scored, ties, strong)
    exact = reference.solve(worlds.as_list(own), ties, strong, tolerance=1e-6)
    assert worlds.farthest(solution.score, exact) <= solution.error_bound + 1e-6
    assert solution.rounds < 60


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_ties_in_one_direction_only_give_the_right_answer_too(seed: int) -> None:
    own, scored, ties, influence, rng = a_world(seed)
    ties = worlds.kept(ties, rng.random(len(ties.other)) < 0.5)
    exact = reference.solve(worlds.as_list(own), ties, influence, tolerance=1e-10)
    solution = solve(own, scored, ties, influence)
    assert worlds.farthest(solution.score, exact) <= solution.error_bound + ROUNDING


def test_a_bound_out_of_reach_is_an_error() -> None:
    own, scored, ties, _, _ = a_world(1)
    strong = worlds.influence(drag=0.99, lift=0.99, k0=0.0, cap=600.0)
    with pytest.raises(NotConverged, match="after 3 rounds"):
        solve(own, scored, ties, strong, max_rounds=3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("drag", 1.0),
        ("drag", -0.1),
        ("drag", np.nan),
        ("lift", 1.0),
        ("lift", np.inf),
        ("theta_drag", 651.0),
        ("theta_drag", np.nan),
        ("theta_lift", np.inf),
        ("cap", -1.0),
        ("cap", np.nan),
        ("k0", -1.0),
        ("k0", np.inf),
        ("weight", np.ones(6)),
        ("weight", np.array([1, 1, 1, 1, 1, 1, -1.0])),
        ("weight", np.full(7, np.nan)),
        ("weight", np.full(7, 1e7)),
        ("floor", 951.0),
        ("least_ties", 0),
        ("tie_wait", -1.0),
        ("tie_wait", np.inf),
    ],
)
def test_invalid_influence_is_refused_by_name(field: str, value: object) -> None:
    assert field in dict(worlds.influence(**{field: value}).problems())
    with pytest.raises(ValueError, match=field):
        everybody([600.0], worlds.ties_of(1, []), worlds.influence(**{field: value}))


@pytest.mark.parametrize(("drag_below", "lift_above"), [(951.0, 1000.0), (100.0, 349.0)])
def test_thresholds_at_which_nobody_tells_nothing_are_refused(drag_below: float, lift_above: float) -> None:
    problems = worlds.influence(theta_drag=drag_below, theta_lift=lift_above).problems()
    assert [field for field, _ in problems] == ["theta_drag" if drag_below > 950 else "theta_lift"]


@pytest.mark.parametrize(("drag_below", "lift_above"), [(0.0, 350.0), (0.0, 10_000.0), (350.0, 350.0), (950.0, 950.0),
                                                        (950.0, 10_000.0), (600.0, 10_000.0)])  # fmt: skip
def test_thresholds_beyond_the_range_of_scores(drag_below: float, lift_above: float) -> None:
    for seed in range(20):
        own, scored, ties, influence, _ = a_world(seed, n=40)
        influence = replace(influence, theta_drag=drag_below, theta_lift=lift_above)
        solution = solve(own, scored, ties, influence, tolerance=1e-6, max_rounds=500)
        expected = reference.solve(worlds.as_list(own), ties, influence)
        assert worlds.farthest(solution.score, expected) <= 1e-6 + ROUNDING, seed


def test_valid_influence_has_no_problems() -> None:
    assert worlds.influence(drag=0.0, lift=0.999, theta_drag=650.0, cap=0.0, k0=0.0).problems() == []


@pytest.mark.parametrize(
    ("field", "ties"),
    [
        ("other", Ties(np.array([0, 1]), np.array([1], np.int32), np.array([0], np.int8), np.ones(1))),
        ("role", Ties(np.array([0, 1]), np.array([0], np.int32), np.array([7], np.int8), np.ones(1))),
        ("strength", Ties(np.array([0, 1]), np.array([0], np.int32), np.array([0], np.int8), np.array([np.nan]))),
        ("strength", Ties(np.array([0, 1]), np.array([0], np.int32), np.array([0], np.int8), np.array([2e6]))),
        ("strength", Ties(np.array([0, 1]), np.array([0], np.int32), np.array([0], np.int8), np.array([-0.1]))),
        ("ties", Ties(np.array([0, 2]), np.array([0], np.int32), np.array([0], np.int8), np.ones(1))),
    ],
)
def test_invalid_ties_are_refused_by_name(field: str, ties: Ties) -> None:
    with pytest.raises(ValueError, match=field):
        everybody([600.0], ties, worlds.influence())


def test_own_scores_that_are_missing_are_refused() -> None:
    with pytest.raises(ValueError, match="own"):
        everybody([np.nan], worlds.ties_of(1, []), worlds.influence())
    with pytest.raises(ValueError, match="tolerance"):
        everybody([600.0], worlds.ties_of(1, []), worlds.influence(), tolerance=0.0)
