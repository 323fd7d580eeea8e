"""From rows to the lines of one citizen's explanation, in as many queries for anybody."""

import datetime as dt
from dataclasses import replace
from typing import Any

from citizens.models import Behaviour, BehaviourType, Citizen, Consent
from scoring.engine.explain import OwnLines, RuleLine, event_points, own_lines
from scoring.engine.parts import unpacked
from scoring.enums import Cadence
from scoring.explanation.known_people import known_people
from scoring.explanation.lines import DimensionLines, Explanation, Line, LineKind, NetworkPart, UnscoredReason
from scoring.explanation.protecting import (
    exact_limit,
    exact_network,
    limit_in_whole_points,
    network_in_whole_points,
    rounding,
)
from scoring.models import Dimension, Programme, Rule, RuleSet, Run, Score
from scoring.rules.arrays import rules_of
from scoring.rules.kept import rule_set_with_parts

DAY = dt.timedelta(days=1)


def explain(citizen: Citizen, run: Run | None = None, *, exact: bool = False) -> Explanation:
    """Takes the citizen's score in `run` (default: the current one) apart, as the citizen may see it.

    The influence of others is in whole points, so that nobody can work out their scores. It is `exact` only for those
    who have the right to see scores, and for whoever has a shell on the server.

    Where the influence of others enters with each run, so does what is shown of it: between runs, nothing that others
    do changes any of it.

    Behaviours and consents are read as they were when this citizen's own score was computed. A run whose scores have
    been dropped, or in which the citizen has none, gives an explanation without a score.
    """
    run = run or Run.objects.current()
    if run is None:
        return Explanation(citizen, None, UnscoredReason.NO_RUN)
    score = Score.objects.filter(run=run, citizen=citizen).first()
    if score is None or run.known_at is None:
        return _unscored(citizen, run)
    # In place of the bare one, so that whoever shows the explanation has its parts as well.
    run.rule_set = rule_set = rule_set_with_parts(run.rule_set_id)
    types = sorted((rule.behaviour_type for rule in rule_set.rules.all()), key=lambda row: row.pk)
    own = _own(citizen, run, score.known_at or run.known_at, rule_set, types)
    others_count_at_once = Programme.objects.cadence() == Cadence.LIVE
    if exact:
        network = exact_network(known_people(citizen, run).lines(), score)
    elif others_count_at_once and score.network_split is None:
        network = network_in_whole_points(known_people(citizen, run).split(), score)
    else:
        network = network_in_whole_points(unpacked(score.network_split), score)
    found = Explanation(
        citizen=citizen,
        run=run,
        score=score,
        base=(Line(LineKind.BASE, own.base),),
        dimensions=_dimensions(own, rule_set, types),
        own_limit=_limit(LineKind.OWN_SCORE_LIMIT, own.clip),
        network=network,
        network_lines=_network_lines(network, rule_set),
        limit=_limit(LineKind.SCORE_LIMIT, exact_limit(score) if exact else limit_in_whole_points(score)),
        band=rule_set.band_of(score.published),
        next_band=next((band for band in rule_set.bands.all() if band.lower > score.published), None),
        others_count_at_once=others_count_at_once,
        came_until=run.live_at if others_count_at_once else score.known_at,
    )
    return found if exact else replace(found, rounding=rounding(score, found.lines))


def worth(behaviour: Behaviour, run: Run) -> float:
    """What the behaviour adds to the line of its rule in `run`, before any limit, in points; 0 without a rule."""
    age = max(0.0, (run.as_of - behaviour.occurred_at) / DAY)
    rules = rules_of(run.rule_set, [behaviour.type_id])
    return event_points([0], [age], [behaviour.amount], rules)[0]


def _own(citizen: Citizen, run: Run, known_at: dt.datetime, rule_set: RuleSet, types: list[BehaviourType]) -> OwnLines:
    covered = Consent.objects.counting_at(known_at).filter(citizen=citizen).covering()
    behaviours = Behaviour.objects.live_at(known_at).filter(covered, citizen=citizen)
    index = {row.pk: k for k, row in enumerate(types)}
    rows = [
        (index[type_id], max(0.0, (run.as_of - occurred_at) / DAY), amount)
        for type_id, occurred_at, amount in behaviours.filter(occurred_at__lte=run.latest(known_at))
        .order_by("id")
        .values_list("type_id", "occurred_at", "amount")
        if type_id in index
    ]
    kinds, ages, amounts = zip(*rows, strict=True) if rows else ((), (), ())
    return own_lines(kinds, ages, amounts, rules_of(rule_set, [row.pk for row in types]))


def _dimensions(own: OwnLines, rule_set: RuleSet, types: list[BehaviourType]) -> tuple[DimensionLines, ...]:
    rules = {rule.behaviour_type_id: rule for rule in rule_set.rules.all()}
    return tuple(
        DimensionLines(
            dimension,
            (
                *(line for rule in part.rules for line in _rule_lines(rules[types[rule.kind].pk], rule)),
                *_dimension_limit(dimension, part.cap),
            ),
        )
        for dimension, part in zip(rule_set.dimensions.all(), own.dimensions, strict=True)
    )


def _rule_lines(rule: Rule, line: RuleLine) -> tuple[Line, ...]:
    kind = rule.behaviour_type
    facts = {
        "name": kind.name,
        "events": line.events,
        "amount": line.x,
        "unit": kind.unit,
        "rule_points": rule.points,
        "half_life_days": rule.half_life_days,
        "expiry_days": rule.expiry_days,
    }
    limit = _limit(LineKind.RULE_LIMIT, line.cap, kind.key, name=kind.name, most=rule.most)
    return (Line(LineKind.RULE, line.raw, kind.key, facts), *limit)


def _dimension_limit(dimension: Dimension, points: float) -> tuple[Line, ...]:
    return _limit(LineKind.DIMENSION_LIMIT, points, dimension.key, name=dimension.name, most=dimension.room)


def _limit(kind: LineKind, points: float, subject: str = "", **facts: Any) -> tuple[Line, ...]:
    """The line of a limit; none where the limit took nothing."""
    return (Line(kind, points, subject, facts),) if points else ()


def _network_lines(network: NetworkPart, rule_set: RuleSet) -> tuple[Line, ...]:
    at_limit: dict[str, Any] = {"total": network.total, "most": rule_set.cap, "version": rule_set.version}
    if network.drag is None or network.lift is None:
        facts = {"at_limit": network.is_at_limit, "fewest": rule_set.least_ties} | at_limit
        return (Line(LineKind.NETWORK, network.total, facts=facts),)
    ties = {"ties": network.ties}
    drag, lift = Line(LineKind.DRAG, network.drag, facts=ties), Line(LineKind.LIFT, network.lift, facts=ties)
    limit = network.total - network.drag - network.lift if network.is_at_limit else 0.0
    return (drag, lift, *_limit(LineKind.NETWORK_LIMIT, limit, **at_limit))


def _unscored(citizen: Citizen, run: Run) -> Explanation:
    reason = _why_unscored(citizen, run)
    return Explanation(citizen, run, reason, {"needed": run.rule_set.minimum_behaviours})


def _why_unscored(citizen: Citizen, run: Run) -> UnscoredReason:
    if citizen.has_left:
        return UnscoredReason.LEFT
    known_at = run.live_at or run.known_at
    if known_at is None or not Consent.objects.active_at(known_at).filter(citizen=citizen).exists():
        return UnscoredReason.NO_CONSENT
    if not Consent.objects.counting_at(known_at).filter(citizen=citizen).exists():
        return UnscoredReason.CONSENT_WAITS
    if not run.is_current and not run.scores.exists():
        return UnscoredReason.NOT_KEPT
    return UnscoredReason.TOO_LITTLE_KNOWN
