"""The parts of an explanation: what may be shown, and every sentence, against what was worked out by hand."""

import pytest
from django.utils import timezone

from citizens.models import BehaviourType, Citizen
from scoring.engine.explain import NetworkLines
from scoring.engine.parts import NOTHING_SHOWN, NetworkSplit
from scoring.enums import RuleSetStatus
from scoring.explanation import Explanation, Line, LineKind, UnscoredReason, explain, worth
from scoring.explanation.protecting import exact_network, network_in_whole_points, without_rounding
from scoring.explanation.wording import line_label, line_note, unscored_words
from scoring.models import Dimension, Rule, RuleSet, Run, Score
from tests import cast

RULE = {"name": "Deed", "events": 1, "amount": 1.0, "unit": "hour", "rule_points": 5.0}
NEVER = {"half_life_days": None, "expiry_days": None}
NOT_SPLIT = (
    "In whole points, and in one line: where fewer than 5 people drag or lift, more would tell somebody else’s score."
)
LIMIT = {"total": -60.0, "most": 60.0, "version": 3}


@pytest.mark.parametrize(
    ("kind", "facts", "label", "note"),
    [
        ("base", {}, "Base", "Where everybody starts."),
        ("rule", RULE | NEVER, "Deed", "Reported once. It does not fade: 1 hour, at +5 points per hour."),
        ("rule", RULE | NEVER | {"half_life_days": 1.0}, "Deed",
         "Reported once. It fades by half in 1 day, which leaves 1 hour, at +5 points per hour."),
        ("rule", RULE | NEVER | {"half_life_days": 1.5, "events": 1_000, "amount": 0.004}, "Deed",
         "Reported 1,000 times. It fades by half in 1.5 days, which leaves 0 hours, at +5 points per hour."),
        ("rule", RULE | NEVER | {"expiry_days": 0.5}, "Deed",
         "Reported once. It does not fade: 1 hour, at +5 points per hour. Forgotten after 0.5 days."),
        ("rule_limit", {"name": "Deed", "most": 12.5}, "Limit of “Deed”", "“Deed” gives or takes at most 12.5."),
        ("dimension_limit", {"name": "Deeds", "most": 250.0}, "Limit of “Deeds”",
         "“Deeds” moves a score by at most 250."),
        ("own_score_limit", {}, "Limit of the own score", "An own score stays within 350 and 950."),
        ("network", {"at_limit": False, "fewest": 1} | LIMIT, "Network effect", NOT_SPLIT),
        ("network", {"at_limit": True, "fewest": 1} | LIMIT, "Network effect",
         f"{NOT_SPLIT} At its limit: by rule set version 3, ties take at most 60."),
        ("network", {"at_limit": False, "fewest": 5} | LIMIT, "Network effect",
         f"{NOT_SPLIT} They count only where at least 5 people have a score."),
        ("drag", {"ties": None}, "Drag", "What people with low scores take."),
        ("drag", {"ties": 1_200}, "Drag", "What people with low scores take. 1,200 scored ties count."),
        ("drag", {"ties": 7}, "Drag", "What people with low scores take. 7 scored ties count."),
        ("lift", {"ties": 1}, "Lift", "What people with high scores give. One scored tie counts."),
        ("network_limit", LIMIT, "Limit of the network effect",
         "At its limit: by rule set version 3, ties take at most 60."),
        ("network_limit", LIMIT | {"total": 60.0}, "Limit of the network effect",
         "At its limit: by rule set version 3, ties give at most 60."),
        ("score_limit", {}, "Limit of the score", "A score stays within 350 and 950."),
        ("rounding", {}, "Rounding", "People you know are counted in whole points, and so is the score."),
    ],
)  # fmt: skip
def test_every_kind_of_line_in_words(kind, facts, label, note):
    line = Line(LineKind(kind), 0.0, facts=facts)
    assert (line_label(line), line_note(line)) == (label, note)


@pytest.mark.parametrize(
    ("reason", "needed", "words"),
    [
        (None, 1, ""),
        ("too_little_known", 1, "Too little is known: a score needs at least 1 behaviour."),
        ("too_little_known", 1_500, "Too little is known: a score needs at least 1,500 behaviours."),
        ("no_run", 1, "Nobody has been scored yet."),
        ("left", 1, "Somebody who has left has no score."),
        ("no_consent", 1, "No source has consent, so nothing may be said."),
        ("not_kept", 1, "The scores of this run are no longer kept."),
    ],
)
def test_why_there_is_no_score_in_words(reason, needed, words):
    unscored = UnscoredReason(reason) if reason else None
    assert unscored_words(Explanation(Citizen(), None, unscored, {"needed": needed})) == words


@pytest.mark.parametrize(
    ("points", "left"),
    [(1e-9, 0), (-1e-9, 0), (1.1e-9, 1.1e-9), (-0.5, -0.5), (0.0, 0), (float("-inf"), float("-inf"))],
)
def test_what_floating_point_leaves_is_no_limit(points, left):
    assert without_rounding(points) == left


SCORE = Score(drag=-8.4, lift=3.5, network=-4.0)


def test_a_citizen_sees_whole_points_and_the_parts_that_may_be_shown():
    part = network_in_whole_points(NetworkSplit(-8, 4, {"friend": -5}), SCORE)
    assert (part.total, part.ties, part.drag, part.lift, part.is_at_limit) == (-4, None, -8, 4, True)
    assert part.by_role == (("Friend", -5),)
    assert not network_in_whole_points(NOTHING_SHOWN, SCORE).is_split


def test_those_with_the_right_see_everything_however_few_people_do_it():
    part = exact_network(NetworkLines(-8.4, 3.5, 0.9, 2, {"friend": -8.4, "sibling": 3.5}), SCORE)
    assert (part.total, part.ties, part.drag, part.lift, part.is_at_limit) == (-4.0, 2, -8.4, 3.5, True)
    assert part.by_role == (("Friend", -8.4), ("Sibling", 3.5))


@pytest.fixture
def fading():
    """What fades by half in 10 days at 80 points, is forgotten after 100 days, and gives at most 50 of room for 30."""
    rule_set = cast.a_rule_set(publish=False, base=940)
    kind = BehaviourType.objects.create(key="volunteering", name="Volunteering", context="civic", unit="hour")
    deeds = Dimension.objects.create(rule_set=rule_set, key="deeds", name="Deeds", room=30, position=1)
    Rule.objects.create(
        rule_set=rule_set, dimension=deeds, behaviour_type=kind, points=80, most=50, half_life_days=10, expiry_days=100
    )
    cast.move(rule_set, RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED)
    return kind


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("amount", "days_ago", "points"),
    [(1, 0, 80), (1, 10, 40), (3, 20, 60), (-2, 10, -80), (0, 5, 0), (1, 100, 80 / 1024), (1, 100.01, 0), (1, -5, 80)],
)
def test_what_one_behaviour_is_worth_by_itself(fading, amount, days_ago, points):
    run = Run(rule_set=RuleSet.objects.get(), as_of=timezone.now())
    behaviour = cast.observed(cast.alice(), fading, amount=amount, days_ago=days_ago)
    assert worth(behaviour, run) == pytest.approx(points, rel=1e-5)


@pytest.mark.django_db
def test_a_behaviour_without_a_rule_is_worth_nothing(fading):
    sneezed = BehaviourType.objects.create(key="sneezed", name="Sneezed", context="social")
    run = Run(rule_set=RuleSet.objects.get(), as_of=timezone.now())
    assert worth(cast.observed(cast.alice(), sneezed, amount=9), run) == 0


@pytest.mark.django_db(transaction=True)
def test_every_limit_on_the_way_to_a_score_has_a_line(fading):
    """940 + 50 of bills + 30 of the 160 that 4 hours are worth: 1,020, of which the scale takes 70."""
    alice = cast.alice()
    cast.observed(alice, cast.bill_paid(), amount=5)
    cast.observed(alice, fading, amount=4, days_ago=10)
    cast.rescore()
    found = explain(alice)
    assert [(line.kind.value, line.subject) for line in found.lines] == [
        ("base", ""),
        ("rule", "bill_paid_on_time"),
        ("rule", "volunteering"),
        ("rule_limit", "volunteering"),
        ("dimension_limit", "deeds"),
        ("own_score_limit", ""),
        ("network", ""),
    ]
    assert [line.points for line in found.lines] == pytest.approx([940, 50, 160, -110, -20, -70, 0], abs=0.01)
    assert [part.points for part in found.dimensions] == pytest.approx([50, 30])
    assert (found.total, found.score.published) == (pytest.approx(950), 950)
    assert (found.band.key, found.next_band, found.points_to_next) == ("superb", None, None)
