"""A preview against an independent count with the reference solver, on small random towns."""

import dataclasses
import datetime as dt
import math
from collections import Counter

import numpy as np
import pytest
from django.utils import timezone

from citizens.models import BehaviourType
from observatory import preview as preview_module
from observatory.preview import histogram, preview
from perks.models import Perk, Restriction
from scoring.actions import rule_sets as actions
from scoring.engine import reference
from scoring.engine.kernels.pairs import ties_from_pairs
from scoring.engine.model import Events, Population
from scoring.engine.scale import MICROSECONDS_PER_DAY, UNSCORED
from scoring.enums import RunStatus
from scoring.models import RuleSet, Run, Score
from scoring.rules.arrays import influence_of, rules_of
from scoring.rules.terms import BandTerms, terms_of
from scoring.snapshot import Snapshot
from sesame_site.kit.moments import microseconds
from tests import cast
from tests.scoring.rule_book import TERMS

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def town(seed: int, people: int = 30) -> Snapshot:
    """A random population over the known behaviour types; some are not eligible, some did nothing."""
    dice = np.random.default_rng(seed)
    kinds = BehaviourType.objects.count()
    counts = dice.integers(0, 7, people)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    total = int(indptr[-1])
    events = Events(
        indptr,
        dice.integers(0, kinds, total).astype(np.int16),
        microseconds(NOW) - (dice.uniform(-10, 2500, total) * MICROSECONDS_PER_DAY).astype(np.int64),
        dice.uniform(0.5, 6, total),
    )
    pairs = dice.integers(0, people, (people * 3, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    friend = np.full(len(pairs), 4)
    ties = ties_from_pairs(people, pairs[:, 0], pairs[:, 1], friend, friend, dice.uniform(0.1, 1, len(pairs)))
    eligible = dice.random(people) > 0.15
    return snapshot_of(people, Population(events, ties, eligible))


def snapshot_of(people: int, population: Population) -> Snapshot:
    type_ids = np.array(BehaviourType.objects.order_by("id").values_list("id", flat=True), np.int64)
    return Snapshot(
        np.arange(people, dtype=np.int64), type_ids, population, pg_snapshot="1:1:", known_at=NOW, tables=""
    )


def draft_with(in_force, **changes):
    ada = in_force.author
    draft = actions.draft_from(acting_user=ada, rule_set=in_force, name="Tried")
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(terms_of(draft), **changes))
    return RuleSet.objects.with_parts().get(pk=draft.pk)


def by_reference(rule_set, snapshot):
    """(own, published) of everybody by the plain loops; None for the unscored."""
    rules = rules_of(rule_set, snapshot.type_ids)
    own = reference.own_scores(snapshot.population, rules, as_of=microseconds(NOW))
    scores = reference.solve(own, snapshot.population.ties, influence_of(rule_set))
    rounded = [[None if s is None else math.floor(s + 0.5) for s in column] for column in (own, scores)]
    return rounded[0], rounded[1]


def rank(rule_set, score):
    return None if score is None else sum(band.lower <= score for band in rule_set.bands.all())


def edges(in_force, draft, score):
    """Where the band of a score begins and the next one does, by the draft if it has the band."""
    key = in_force.band_of(score).key
    lowers = next(found for found in (lowers_of(draft), lowers_of(in_force)) if key in found)
    return lowers[key], min((lower for lower in lowers.values() if lower > lowers[key]), default=951)


def lowers_of(rule_set):
    return {band.key: band.lower for band in rule_set.bands.all()}


LOWER_BANDS = (BandTerms("very-poor", "Very poor", 350), BandTerms("poor", "Poor", 450), *TERMS.bands[1:])
CHANGES = {
    "more drag": {"drag": 0.8, "theta_drag": 700.0, "theta_lift": 750.0, "cap": 200.0},
    "a lower base": {"base": 500.0},
    "more behaviours needed": {"minimum_behaviours": 3},
    "no network": {"drag": 0.0, "lift": 0.0},
    "another band": {"bands": (*TERMS.bands, BandTerms("superb", "Superb", 700)), "lift": 0.9},
    "a band below": {"bands": LOWER_BANDS, "base": 500.0, "drag": 0.8},
    "no lowest band": {"bands": (BandTerms("fair", "Fair", 350), BandTerms("good", "Good", 600)), "base": 500.0},
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("change", CHANGES)
def test_a_preview_counts_what_the_reference_counts(in_force, seed, change):
    in_force = RuleSet.objects.with_parts().get(pk=in_force.pk)
    draft, snapshot = draft_with(in_force, **CHANGES[change]), town(seed)

    found = preview(draft, snapshot=snapshot)

    _, before = by_reference(in_force, snapshot)
    own_after, after = by_reference(draft, snapshot)
    both = [(b, a) for b, a in zip(before, after, strict=True) if b is not None and a is not None]
    assert found.rise == sum(a > b for b, a in both)
    assert found.fall == sum(a < b for b, a in both)
    assert found.stay == sum(a == b for b, a in both)
    assert found.become_scored == sum(b is None and a is not None for b, a in zip(before, after, strict=True))
    assert found.become_unscored == sum(b is not None and a is None for b, a in zip(before, after, strict=True))
    lose = [
        own >= edges(in_force, draft, b)[0]
        for b, a, own in zip(before, after, own_after, strict=True)
        if b is not None and a is not None and a < edges(in_force, draft, b)[0]
    ]
    assert (found.lose_a_band, found.lose_a_band_by_ties_alone) == (len(lose), sum(lose))
    assert found.gain_a_band == sum(a >= edges(in_force, draft, b)[1] for b, a in both)
    table = Counter((rank(in_force, b), rank(draft, a)) for b, a in zip(before, after, strict=True))
    rows, columns = [1, 2, 3, None], [*range(1, len(draft.bands.all()) + 1), None]
    assert [counts for _, counts in found.moves] == [[table[row, column] for column in columns] for row in rows]
    pulled = sum(rank(draft, a) < rank(draft, own) for a, own in zip(after, own_after, strict=True) if a is not None)
    assert found.draft.network.pulled_down == pulled
    assert sum(falls + rises for *_, falls, rises in found.movers) == found.fall + found.rise
    assert found.draft.error_bound <= 0.001


def test_some_lose_a_band_only_by_whom_they_know(in_force):
    """The towns above would not show counts that are always 0, or always the same."""
    drafts = [draft_with(in_force, **CHANGES[change]) for change in ("more drag", "a lower base")]
    dragged, lowered = ([preview(draft, snapshot=town(seed)) for seed in range(4)] for draft in drafts)
    assert sum(one.lose_a_band_by_ties_alone for one in dragged) > 0
    assert sum(one.lose_a_band - one.lose_a_band_by_ties_alone for one in lowered) > 0


def test_a_new_lowest_band_lifts_nobody(in_force):
    quiet = {"drag": 0.0, "lift": 0.0}
    tried = [draft_with(in_force, **quiet, bands=bands) for bands in (TERMS.bands, LOWER_BANDS)]
    published, draft = (RuleSet.objects.with_parts().get(pk=one.pk) for one in tried)
    snapshot = town(1)
    low = sum(score is not None and score < 450 for score in by_reference(published, snapshot)[1])

    found = preview(draft, published=published, snapshot=snapshot)

    assert low > 0
    assert (found.gain_a_band, found.lose_a_band, found.lose_a_band_by_ties_alone) == (0, low, 0)


def test_without_a_network_nobody_is_pulled_down(in_force):
    found = preview(draft_with(in_force, drag=0.0, lift=0.0), snapshot=town(1))
    assert (found.draft.network.drag_total, found.draft.network.pulled_down) == (0.0, 0)
    assert found.lose_a_band_by_ties_alone == 0


def test_the_same_weights_move_nobody(in_force):
    found = preview(draft_with(in_force), snapshot=town(2))
    assert (found.rise, found.fall, found.lose_a_band, found.become_scored, found.become_unscored) == (0, 0, 0, 0, 0)
    assert found.published.histogram == found.draft.histogram
    assert found.published.segregation == found.draft.segregation


def test_a_preview_writes_nothing(in_force):
    draft = draft_with(in_force, drag=0.5)
    before = (terms_of(draft), Run.objects.count(), Score.objects.count())
    preview(draft, snapshot=town(3))
    assert (terms_of(RuleSet.objects.get(pk=draft.pk)), Run.objects.count(), Score.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_a_preview_that_tried_to_write_would_be_stopped(in_force, monkeypatch):
    def meddle(before, after):
        Perk.objects.create(key="sneaked", name="Sneaked in", opens_at=400)
        return []

    monkeypatch.setattr(preview_module, "effects", meddle)
    with pytest.raises(Exception, match="read-only transaction"):
        preview(draft_with(in_force, drag=0.5), snapshot=town(3))


def test_a_preview_tells_what_happens_to_perks_and_restrictions(in_force):
    Perk.objects.create(key="bike", name="Bicycle", opens_at=560)
    Restriction.objects.create(key="flight", name="No flights", closes_below=540)
    draft, snapshot = draft_with(in_force, base=500.0), town(5)

    bike, flight = preview(draft, snapshot=snapshot).effects

    before, after = (by_reference(rule_set, snapshot)[1] for rule_set in (in_force, draft))
    assert (str(bike.entitlement), str(flight.entitlement)) == ("Bicycle", "No flights")
    opened = [(b is not None and b >= 560, a is not None and a >= 560) for b, a in zip(before, after, strict=True)]
    assert (bike.before, bike.after) == (sum(b for b, _ in opened), sum(a for _, a in opened))
    assert (bike.gained, bike.lost) == (opened.count((False, True)), opened.count((True, False)))
    assert flight.after == sum(a is not None and a < 540 for a in after)


def test_an_empty_population_can_be_previewed(in_force):
    events = Events(np.zeros(1, np.int64), np.zeros(0, np.int16), np.zeros(0, np.int64), np.zeros(0))
    ties = ties_from_pairs(0, *(np.zeros(0, np.int64) for _ in range(4)), np.zeros(0))
    nobody = snapshot_of(0, Population(events, ties, np.zeros(0, bool)))
    found = preview(draft_with(in_force, drag=0.5), snapshot=nobody)
    assert (found.citizens, found.rise, found.draft.scored) == (0, 0, 0)


def test_the_histogram_holds_both_ends():
    steps = dict(histogram(np.array([350, 374, 375, 949, 950, -1], dtype=np.int16)))
    assert (steps[350], steps[375], steps[925], sum(steps.values())) == (2, 1, 2, 5)


def test_behaviours_count_as_in_the_scores_in_force(in_force):
    """What the overview counts and what the preview counts as published are one number."""
    in_force, draft, snapshot = RuleSet.objects.with_parts().get(pk=in_force.pk), draft_with(in_force), town(4, 200)
    now = preview(draft, snapshot=snapshot)
    half_a_year_ago = NOW - dt.timedelta(days=180)
    run = Run.objects.create(rule_set=in_force, as_of=half_a_year_ago, status=RunStatus.PUBLISHED, is_current=True)

    found = preview(draft, snapshot=snapshot)

    rules = rules_of(in_force, snapshot.type_ids)
    moments = {"as_of": microseconds(half_a_year_ago), "until": microseconds(NOW)}
    own = reference.own_scores(snapshot.population, rules, **moments)
    scores = reference.solve(own, snapshot.population.ties, influence_of(in_force))
    published = np.array([UNSCORED if s is None else math.floor(s + 0.5) for s in scores], np.int16)
    assert (now.run, found.run) == (None, run)
    assert found.published.histogram == found.draft.histogram == histogram(published) != now.published.histogram


def test_scores_of_another_rule_set_say_nothing_of_when_behaviours_count(in_force, grace):
    Run.objects.create(rule_set=in_force, as_of=NOW, status=RunStatus.PUBLISHED, is_current=True)
    newer = actions.submit_rule_set(acting_user=in_force.author, rule_set=draft_with(in_force, drag=0.5))
    actions.publish_rule_set(acting_user=grace, rule_set=newer, previewed=cast.previewed(newer))
    assert preview(draft_with(newer), snapshot=town(4)).run is None
