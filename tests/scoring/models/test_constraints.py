"""What the records of scoring cannot hold: refused in words by the model, and by the database all the same."""

import datetime as dt

import pytest
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from scoring.enums import ContestStatus, RuleSetStatus, RunFailure, RunStatus, RunTrigger
from scoring.models import Band, Contest, Dimension, Rule, RuleSet, Run, Score, TieWeight
from tests import cast
from tests.refusals import name_against, words_against

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)


@pytest.fixture
def draft():
    return cast.a_rule_set(publish=False)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("drag", 1.0, "“Drag” must be 0 or more and less than 1: at 1 scores could feed on each other without end."),
        ("lift", -0.001, "“Lift” must be 0 or more and less than 1: at 1 scores could feed on each other without end."),
        ("cap", 600.5, "“Network cap” must be from 0 to 600."),
        ("cap", float("nan"), "“Network cap” must be from 0 to 600."),
        ("k0", float("inf"), "“Shield” must be from 0 to 1,000,000."),
        ("base", 349.9, "“Base” must be from 350 to 950."),
    ],
)
def test_a_weight_of_a_rule_set_beyond_its_limit(draft, name, value, words):
    setattr(draft, name, value)
    assert words_against(draft) == [words]
    assert name_against(draft) == f"rule_set_{name}_in_range"


@pytest.mark.parametrize(
    ("kind", "values", "constraint", "words"),
    [
        (Dimension, {"room": -1}, "dimension_room_in_range", "“Room” must be from 0 to 600."),
        (Dimension, {"room": 601}, "dimension_room_in_range", "“Room” must be from 0 to 600."),
        (Rule, {"points": 1e6 + 1}, "rule_points_in_range", "“Points” must be from −1,000,000 to 1,000,000."),
        (Rule, {"most": -0.5}, "rule_most_in_range", "“Most” must be from 0 to 600."),
        (Rule, {"half_life_days": 0}, "rule_half_life_days_in_range", "“Half-life” must be from "),
        (Rule, {"expiry_days": 36_526}, "rule_expiry_days_in_range", "“Expiry” must be from "),
        (TieWeight, {"weight": -1}, "tie_weight_weight_in_range", "“Weight of a tie” must be from 0 to "),
        (Band, {"lower": 349}, "band_lower_in_range", "“Lower edge” must be from 350 to 950."),
        (Band, {"lower": 951}, "band_lower_in_range", "“Lower edge” must be from 350 to 950."),
    ],
)
def test_a_weight_of_a_part_beyond_its_limit(draft, kind, values, constraint, words):
    row = kind.objects.filter(rule_set=draft).order_by("pk").first()
    for name, value in values.items():
        setattr(row, name, value)
    [said] = words_against(row)
    assert said.startswith(words)
    assert name_against(row) == constraint


def test_thresholds_that_cross(draft):
    draft.theta_drag, draft.theta_lift = 700, 699
    assert words_against(draft) == [
        "The drag threshold is above the lift threshold: one person would drag and lift at the same time."
    ]
    assert name_against(draft) == "drag_threshold_not_above_lift"


def test_an_author_who_publishes_their_own(draft):
    draft.published_by = draft.author
    assert words_against(draft) == ["The author of a rule set cannot publish it."]


@pytest.mark.parametrize(
    ("kind", "values", "constraint"),
    [
        (Dimension, {"key": "credit", "name": "Other", "room": 1}, "one_dimension_per_key"),
        (TieWeight, {"role": "friend"}, "one_weight_per_role"),
        (Band, {"key": "poor", "name": "Other", "lower": 351}, "one_band_per_key"),
        (Band, {"key": "other", "name": "Other", "lower": 350}, "bands_do_not_overlap"),
    ],
)
def test_a_part_that_is_there_already(draft, kind, values, constraint):
    row = kind(rule_set=draft, **values)
    [said] = words_against(row)
    assert "already exists" in said
    assert constraint not in said
    assert name_against(row) == constraint


@pytest.mark.parametrize("what", ["dimensions", "rules", "tie_weights", "bands"])
@pytest.mark.parametrize("how", ["change", "add", "remove"])
def test_no_part_of_a_rule_set_moves_once_it_left_draft(draft, what, how):
    row = getattr(draft, what).order_by("pk").first()
    cast.move(draft, RuleSetStatus.IN_REVIEW)
    with pytest.raises(IntegrityError, match="only while it is a draft"), transaction.atomic():
        if how == "remove":
            row.delete()
        else:
            row.pk = row.pk if how == "change" else None
            row.save()


def test_a_rule_of_another_set_s_dimension(draft):
    other = cast.a_rule_set(publish=False)
    rule = draft.rules.order_by("pk").first()
    rule.dimension = other.dimensions.get()
    with pytest.raises(IntegrityError, match="belongs to another rule set"), transaction.atomic():
        rule.save()


WAY = [RuleSetStatus.DRAFT, RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED, RuleSetStatus.RETIRED]
STEPS = {("draft", "in_review"), ("in_review", "draft"), ("in_review", "published"), ("published", "retired")}


@pytest.mark.parametrize("before", WAY)
@pytest.mark.parametrize("after", WAY)
def test_a_rule_set_goes_its_way_and_no_other(draft, before, after):
    cast.move(draft, *WAY[1 : WAY.index(before) + 1])
    draft.status = after
    if before == after or (before, after) in STEPS:
        draft.save(update_fields=["status"])
        assert RuleSet.objects.get().status == after
        return
    with pytest.raises(IntegrityError, match=f"cannot go from {before} to {after}"), transaction.atomic():
        draft.save(update_fields=["status"])


@pytest.mark.parametrize("steps", [3, 4])
def test_what_was_in_force_is_never_deleted(draft, steps):
    cast.move(draft, *WAY[1:steps])
    with pytest.raises(Error, match="Cannot delete"), transaction.atomic():
        RuleSet.objects.filter(pk=draft.pk)._raw_delete("default")


def test_bands_with_a_gap_at_the_bottom_go_to_no_review(draft):
    draft.bands.get(lower=350).delete()
    with pytest.raises(IntegrityError, match="the lowest must start at 350"), transaction.atomic():
        cast.move(draft, RuleSetStatus.IN_REVIEW)


def test_two_rule_sets_in_force(draft):
    cast.move(cast.a_rule_set(publish=False), RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED)
    cast.move(draft, RuleSetStatus.IN_REVIEW)
    draft.status = RuleSetStatus.PUBLISHED
    assert words_against(draft) == ["Another rule set is published already."]
    assert name_against(draft) == "one_published_rule_set"


PUBLISHED = {"status": RunStatus.PUBLISHED}
IN_FORCE = PUBLISHED | {"is_current": True}


@pytest.mark.parametrize(
    ("first", "second", "constraint", "words"),
    [
        ({}, {}, "one_run_at_a_time", "Another run is under way."),
        (IN_FORCE, IN_FORCE, "one_current_run", "Another run is in force."),
        ({}, {"is_current": True} | {"status": "failed", "failure": "stopped"}, "only_a_published_run_is_current",
         "Only a published run can be in force."),
        ({}, {"status": "failed"}, "a_run_that_failed_says_why", "A run that failed says why, and no other does."),
        ({}, PUBLISHED | {"failure": RunFailure.STOPPED}, "a_run_that_failed_says_why",
         "A run that failed says why, and no other does."),
    ],
)  # fmt: skip
def test_a_run_that_cannot_be(draft, first, second, constraint, words):
    Run.objects.create(rule_set=draft, trigger=RunTrigger.COMMAND, as_of=NOW, **first)
    run = Run(rule_set=draft, trigger=RunTrigger.COMMAND, as_of=NOW, **second)
    assert words_against(run) == [words]
    assert name_against(run) == constraint


@pytest.mark.parametrize("published", [349, 951, -1])
def test_a_score_off_the_scale(published):
    score = Score(own=600, drag=0, lift=0, network=0, value=600, published=published)
    assert words_against(score) == ["A published score must be from 350 to 950."]


def test_an_objection_beside_an_open_one():
    behaviour = cast.observed(cast.alice(), cast.loan_overdue())
    Contest.objects.create(citizen=cast.alice(), behaviour=behaviour, statement="Wrong.")
    again = Contest(citizen=cast.alice(), behaviour=behaviour, statement="Wrong!")
    assert words_against(again) == ["There is an open objection to this behaviour already."]
    assert name_against(again) == "one_open_contest_per_behaviour"


@pytest.mark.parametrize("missing", ["decided_by", "decided_at", "reason"])
@pytest.mark.parametrize("status", [ContestStatus.UPHELD, ContestStatus.REJECTED])
def test_a_decision_without_its_judge_day_or_reason(missing, status):
    behaviour = cast.observed(cast.alice(), cast.loan_overdue())
    decided = {"decided_by": cast.clerk(), "decided_at": timezone.now(), "reason": "So it is."}
    whole = Contest(citizen=cast.alice(), behaviour=behaviour, statement="Wrong.", status=status, **decided)
    whole.validate_constraints()
    setattr(whole, missing, "" if missing == "reason" else None)
    assert words_against(whole) == ["A decision needs a judge, a date and a reason."]
    assert name_against(whole) == "a_decision_names_its_judge_and_reason"


def test_each_number_has_the_band_whose_lower_edge_is_the_last_at_or_below_it(draft):
    ranges = draft.band_ranges()
    assert [(span.band.key, span.lowest, span.highest) for span in ranges] == [
        ("poor", 350, 549), ("fair", 550, 599), ("good", 600, 649), ("excellent", 650, 699), ("superb", 700, 950)
    ]  # fmt: skip
    draft = RuleSet.objects.with_parts().get()
    for published in range(350, 951):
        assert draft.band_of(published).key == [key for key, lower in cast.BANDS if lower <= published][-1]


def test_the_rules_in_force_are_those_of_the_scores_until_the_next_run():
    assert RuleSet.objects.in_force() is None
    first = cast.a_rule_set()
    assert RuleSet.objects.in_force() == first, "before any run, those published"
    Run.objects.create(rule_set=first, trigger=RunTrigger.COMMAND, as_of=NOW, status="published", is_current=True)
    cast.move(first, RuleSetStatus.RETIRED)
    second = cast.a_rule_set()
    assert RuleSet.objects.in_force() == first
    assert RuleSet.objects.published().get() == second


@pytest.mark.parametrize(("trigger", "latest"), [("command", 1), ("replay", 0), ("schedule", 1)])
def test_a_replay_knows_nothing_that_came_after_its_moment(trigger, latest):
    later = NOW + dt.timedelta(days=1)
    assert Run(trigger=trigger, as_of=NOW).latest(later) == [NOW, later][latest]
    assert Run(trigger=trigger, as_of=later).latest(NOW) == later
