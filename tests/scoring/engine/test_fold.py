"""Own scores: by hand, against the reference, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import reference
from scoring.engine.fold import own_scores
from scoring.engine.kernels import threads
from scoring.engine.model import Events, Population, Rules
from tests.scoring.engine import worlds

SEEDS = st.integers(0, 2**32 - 1)
NOW, DAY = worlds.NOW, worlds.DAY


def rules(**changes: object) -> Rules:
    """A bill paid is worth 10 and halves in 100 days; a fine takes 60 for a year; a walk has no rule."""
    values = {
        "points": np.array([10.0, -60.0, 0.0]),
        "half_life_days": np.array([100.0, np.inf, np.inf]),
        "expiry_days": np.array([np.inf, 365.0, np.inf]),
        "most": np.array([25.0, 150.0, 0.0]),
        "dimension": np.array([0, 0, -1]),
        "room": np.array([100.0]),
        "base": 600.0,
        "minimum_behaviours": 2,
    }
    return Rules(**(values | changes))


def fold(people: list[list[tuple[int, float, float]]], rules: Rules) -> list[float | None]:
    n = len(people)
    population = Population(worlds.events_of(people), worlds.ties_of(n, []), np.ones(n, bool))
    return worlds.as_list(own_scores(population, rules, as_of=NOW).score)


def test_worked_by_hand() -> None:
    bill, fine, walk = 0, 1, 2
    alice = [(bill, 0.0, 1.0), (bill, 100.0, 1.0)]  # x = 1 + ½, 10 · 1.5 = 15
    sister = [(bill, 0.0, 9.0), (walk, 3.0, 1.0)]  # 90, of which the rule gives 25
    colleague = [(fine, 365.0, 1.0), (fine, 1.0, 1.0)]  # −120, of which the dimension takes 100; 365 days still count
    stranger = [(fine, 365.1, 1.0), (bill, -0.1, 1.0), (walk, 0.0, 1.0)]  # expired, not yet, and one that counts
    assert fold([alice, sister, colleague, stranger], rules()) == [615.0, 625.0, 500.0, None]


def test_between_runs_nothing_fades_and_what_is_new_counts_in_full() -> None:
    bill = 0
    population = Population(
        worlds.events_of([[(bill, 100.0, 1.0), (bill, -3.0, 1.0), (bill, -3.1, 9.0)]]),
        worlds.ties_of(1, []),
        np.ones(1, bool),
    )
    # Half of one is left at NOW, as on the third day after it; the second came then, the third has yet to come.
    for scores in (own_scores, reference.own_scores):
        found = scores(population, rules(), as_of=NOW, until=NOW + 3 * DAY)
        assert list(getattr(found, "score", found)) == [615.0]


def test_floor_and_ceiling() -> None:
    fines, bills = [(1, 0.0, 9.0)] * 2, [(0, 0.0, 9.0)] * 2
    assert fold([fines, bills], rules(base=400.0)) == [350.0, 425.0]
    assert fold([fines, bills], rules(base=940.0)) == [840.0, 950.0]


def test_nobody_at_all() -> None:
    assert fold([], rules()) == []


@pytest.mark.parametrize("block", range(10))
def test_as_the_reference(block: int) -> None:
    for seed in range(40 * block, 40 * (block + 1)):
        rng = np.random.default_rng(seed)
        weights, population = worlds.random_rules(rng), worlds.random_population(rng, 12)
        own = own_scores(population, weights, as_of=NOW)
        assert worlds.farthest(own.score, reference.own_scores(population, weights, as_of=NOW)) < 1e-9
        assert np.array_equal(own.scored, ~np.isnan(own.score))


@given(seed=SEEDS, source=st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_content_of_a_source_without_consent_matters_to_nobody(seed: int, source: int) -> None:
    """Whatever a source has on a person, without consent its rows are gone, and the rest gives the same."""
    rng = np.random.default_rng(seed)
    weights, population = worlds.random_rules(rng), worlds.random_population(rng, 8)
    events = population.events
    of_source = rng.integers(0, 3, len(events.kind)) == source
    rewritten = Events(
        events.indptr,
        np.where(of_source, 1, events.kind).astype(np.int16),
        np.where(of_source, NOW, events.occurred),
        np.where(of_source, 1e6, events.amount),
    )
    one, other = (
        own_scores(Population(_only(table, ~of_source), population.ties, population.eligible), weights, as_of=NOW)
        for table in (events, rewritten)
    )
    assert worlds.same(one.score, other.score)


def test_same_bits_however_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    weights, population = worlds.random_rules(rng), worlds.random_population(rng, 5_000)
    alone = own_scores(population, weights, as_of=NOW)
    monkeypatch.setattr(threads, "SLICE_ENTRIES", 100)
    monkeypatch.setattr(threads, "processors", lambda: 3)
    assert worlds.same(alone.score, own_scores(population, weights, as_of=NOW).score)
    assert np.array_equal(alone.counted, own_scores(population, weights, as_of=NOW).counted)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", np.array([np.nan, 0, 0])),
        ("half_life_days", np.array([-1.0, np.inf, np.inf])),
        ("half_life_days", np.array([0.0, np.inf, np.inf])),
        ("half_life_days", np.array([1.0])),
        ("expiry_days", np.array([np.nan, 1, 1])),
        ("most", np.array([-1.0, 0, 0])),
        ("most", np.array([np.inf, 0, 0])),
        ("dimension", np.array([1, 0, 0])),
        ("dimension", np.array([-2, 0, 0])),
        ("room", np.array([-0.1])),
        ("base", 349.0),
        ("base", np.nan),
        ("floor", 951.0),
        ("minimum_behaviours", -1),
    ],
)
def test_invalid_rules_are_refused_by_name(field: str, value: object) -> None:
    assert field in dict(rules(**{field: value}).problems())
    with pytest.raises(ValueError, match=field):
        fold([[(0, 0.0, 1.0)]], rules(**{field: value}))


def test_behaviours_of_no_type_are_refused() -> None:
    one = worlds.events_of([[(0, 1.0, 1.0)]])
    assert [field for field, _ in one.problems(1, 0)] == ["kind"]
    assert one.problems(1, 1) == []


@pytest.mark.parametrize(
    ("field", "event"), [("kind", (3, 0.0, 1.0)), ("kind", (-1, 0.0, 1.0)), ("amount", (0, 0.0, np.nan))]
)
def test_invalid_events_are_refused_by_name(field: str, event: tuple[int, float, float]) -> None:
    with pytest.raises(ValueError, match=field):
        fold([[event]], rules())


def test_rows_that_do_not_fit_are_refused() -> None:
    events = worlds.events_of([[(0, 0.0, 1.0)]])
    with pytest.raises(ValueError, match="events"):
        own_scores(Population(events, worlds.ties_of(2, []), np.ones(2, bool)), rules(), as_of=NOW)


def _only(events: Events, mask: np.ndarray) -> Events:
    indptr = np.concatenate([[0], np.cumsum(mask)])[events.indptr].astype(np.int64)
    return Events(indptr, events.kind[mask], events.occurred[mask], events.amount[mask])
