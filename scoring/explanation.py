"""Every line that adds up to one citizen's score in a run, in as many queries for anybody."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citizens.enums import TieKind
from citizens.models import Behaviour, BehaviourType, Citizen, Consent, Tie
from scoring.engine.explain import (
    DimensionLine,
    NetworkLines,
    OwnLines,
    RuleLine,
    event_points,
    network_lines,
    own_lines,
)
from scoring.engine.model import ROLES
from scoring.models import Band, Dimension, Rule, RuleSet, Run, Score
from scoring.models.rule_sets import PARTS
from scoring.rules.arrays import influence_of, rules_of
from sesame_site.kit.pages.numbers import quantity, signed

# A tie's exact contribution would tell the other person's score.
PEOPLE_TO_SHOW_A_SPLIT = 5
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One summand, in points. `note` says what it rests on."""

    label: str
    points: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    rule: Rule
    behaviour_type: BehaviourType
    line: RuleLine


@dataclass(frozen=True, slots=True)
class DimensionExplanation:
    dimension: Dimension
    rules: list[RuleExplanation]
    line: DimensionLine


@dataclass(frozen=True, slots=True)
class NetworkExplanation:
    """The network effect as its citizen may see it; drag and lift are None where they would reveal too much."""

    total: float
    ties: int
    drag: float | None
    lift: float | None
    cap: float
    by_role: list[tuple[str, float, int]]

    @property
    def is_split(self) -> bool:
        return self.drag is not None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score taken apart. `score` is None, and `unscored_reason` says why, for the unscored."""

    citizen: Citizen
    run: Run | None
    unscored_reason: str = ""
    score: Score | None = None
    base: float = 0.0
    dimensions: tuple[DimensionExplanation, ...] = ()
    own_clip: float = 0.0
    network: NetworkExplanation | None = None
    clip: float = 0.0
    band: Band | None = None
    next_band: Band | None = None

    @property
    def own(self) -> float:
        return self.base + sum(d.line.contribution for d in self.dimensions) + self.own_clip

    @property
    def total(self) -> float:
        """The sum of all lines."""
        return sum(line.points for line in self.lines())

    @property
    def points_to_next(self) -> int | None:
        return self.next_band.lower - self.score.published if self.next_band and self.score else None

    def lines(self) -> list[Line]:
        """Summands of the score, in the order in which it is computed."""
        if self.score is None or self.network is None:
            return []
        lines = [Line("Base", self.base, "where everybody starts")]
        for dimension in self.dimensions:
            for rule in dimension.rules:
                lines.append(_rule_line(rule))
                if rule.line.cap:
                    limit = f"this rule gives or takes at most {rule.rule.most:g}"
                    lines.append(Line(f"Limit of “{rule.behaviour_type.name}”", rule.line.cap, limit))
            if dimension.line.cap:
                room = f"this dimension moves a score by at most {dimension.dimension.room:g}"
                lines.append(Line(f"Limit of “{dimension.dimension.name}”", dimension.line.cap, room))
        if self.own_clip:
            lines.append(Line("Limit of the own score", self.own_clip, "350 to 950"))
        lines += self._network_lines()
        if self.clip:
            lines.append(Line("Limit of the score", self.clip, "350 to 950"))
        return lines

    def as_dict(self) -> dict[str, Any]:
        """The same as values that JSON can carry."""
        return {
            "citizen": self.citizen.key,
            "run": self.run.pk if self.run else None,
            "as_of": self.run.as_of.isoformat() if self.run else None,
            "rule_set": self.run.rule_set.version if self.run else None,
            "score": self.score.published if self.score else None,
            "exact": self.score.value if self.score else None,
            "own": self.score.own if self.score else None,
            "network": self.score.network if self.score else None,
            "band": self.band.key if self.band else None,
            "next_band": self.next_band.key if self.next_band else None,
            "points_to_next": self.points_to_next,
            "unscored_reason": self.unscored_reason,
            "lines": [{"label": line.label, "points": line.points, "note": line.note} for line in self.lines()],
        }

    def _network_lines(self) -> list[Line]:
        assert self.network is not None
        network, note = self.network, _ties(self.network.ties)
        if network.drag is None or network.lift is None:
            return [Line("People you know", network.total, f"{note}; not split, to protect them")]
        lines = [
            Line("Drag", network.drag, f"{note}; those with low scores"),
            Line("Lift", network.lift, f"{note}; those with high scores"),
        ]
        if network.cap:
            assert self.run is not None
            most = f"ties {'take' if network.total < 0 else 'give'} at most {self.run.rule_set.cap:g}"
            lines.append(Line("Limit of the network effect", network.cap, most))
        return lines


def explain(citizen: Citizen, run: Run | None = None) -> Explanation:
    """Takes the citizen's score in `run` (default: the current one) apart.

    Behaviours and consents are read as they were when this citizen's own score was computed. A run whose scores have
    been dropped, or in which the citizen has none, gives an explanation without a score.
    """
    run = run or Run.objects.current()
    if run is None:
        return Explanation(citizen, None, _("Nobody has been scored yet."))
    score = Score.objects.filter(run=run, citizen=citizen).first()
    if score is None or run.known_at is None:
        return Explanation(citizen, run, _why_unscored(citizen, run))
    rule_set = run.rule_set
    prefetch_related_objects([rule_set], *PARTS)
    types = sorted((rule.behaviour_type for rule in rule_set.rules.all()), key=lambda row: row.pk)
    own = _own(citizen, run, score.known_at or run.known_at, rule_set, types)
    bands = list(rule_set.bands.all())
    return Explanation(
        citizen=citizen,
        run=run,
        score=score,
        base=own.base,
        dimensions=_dimensions(own, rule_set, types),
        own_clip=own.clip,
        network=_network(citizen, run, run.live_at or run.known_at, rule_set, score),
        clip=_but_for_rounding(score.value - score.own - score.network),
        band=rule_set.band_of(score.published),
        next_band=next((band for band in bands if band.lower > score.published), None),
    )


def worth(behaviour: Behaviour, run: Run) -> float:
    """What the behaviour adds to the line of its rule in `run`, before any limit, in points; 0 without a rule."""
    age = max(0.0, (run.as_of - behaviour.occurred_at) / DAY)
    rules = rules_of(run.rule_set, [behaviour.type_id])
    return event_points([0], [age], [behaviour.amount], rules)[0]


def _own(citizen: Citizen, run: Run, known_at: dt.datetime, rule_set: RuleSet, types: list[BehaviourType]) -> OwnLines:
    consented = Consent.objects.active_at(known_at).filter(citizen=citizen).values("source")
    behaviours = Behaviour.objects.live_at(known_at).filter(citizen=citizen, source__in=consented)
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


def _dimensions(own: OwnLines, rule_set: RuleSet, types: list[BehaviourType]) -> tuple[DimensionExplanation, ...]:
    rules = {rule.behaviour_type_id: rule for rule in rule_set.rules.all()}
    return tuple(
        DimensionExplanation(
            dimension,
            [RuleExplanation(rules[types[rule.kind].pk], types[rule.kind], rule) for rule in line.rules],
            line,
        )
        for dimension, line in zip(rule_set.dimensions.all(), own.dimensions, strict=True)
    )


def _network(citizen: Citizen, run: Run, known_at: dt.datetime, rule_set: RuleSet, score: Score) -> NetworkExplanation:
    ties = list(Tie.objects.live_at(run.as_of if run.is_replay else known_at).of(citizen).order_by("id"))
    others = {tie.pk: tie.second_id if tie.first_id == citizen.pk else tie.first_id for tie in ties}
    scores = dict(Score.objects.filter(run=run, citizen__in=others.values()).values_list("citizen_id", "value"))
    scored = [tie for tie in ties if others[tie.pk] in scores]
    lines = network_lines(
        np.array([others[tie.pk] for tie in scored], np.int64),
        np.array([scores[others[tie.pk]] for tie in scored], np.float64),
        np.array([ROLES.index(tie.role_for(citizen)) for tie in scored], np.int64),
        np.array([tie.strength for tie in scored], np.float32),
        influence_of(rule_set),
    )
    return _as_the_citizen_may_see(lines, score)


def _as_the_citizen_may_see(lines: NetworkLines, score: Score) -> NetworkExplanation:
    """Stored drag and lift, so that the lines add up exactly; counts per role from the ties.

    What is shown apart is never the doing of a few people, in however many ties. Those who tell nothing, because their
    score is neither low nor high or their kind of tie counts nothing, hide nobody.
    """
    cap = _but_for_rounding(score.network - (score.drag + score.lift))
    if not lines.draggers | lines.lifters or _are_few(lines.draggers) or _are_few(lines.lifters):
        return NetworkExplanation(score.network, lines.ties, None, None, cap, [])
    shown = {role: line for role, line in lines.by_role.items() if len(line.telling) >= PEOPLE_TO_SHOW_A_SPLIT}
    # Nor must what is left when the kinds shown are taken from the total.
    if _are_few(frozenset().union(*(line.telling for role, line in lines.by_role.items() if role not in shown))):
        shown = {}
    by_role = [(str(TieKind(role).label), line.points, line.ties) for role, line in shown.items()]
    return NetworkExplanation(score.network, lines.ties, score.drag, score.lift, cap, by_role)


def _are_few(people: frozenset[int]) -> bool:
    """Some, and so few that what they do together would tell what one of them does."""
    return 0 < len(people) < PEOPLE_TO_SHOW_A_SPLIT


def _but_for_rounding(points: float) -> float:
    """A limit that took nothing is no line; what floating point leaves of it is far below the promised 1e-6."""
    return points if abs(points) > 1e-9 else 0.0


def _why_unscored(citizen: Citizen, run: Run) -> str:
    if citizen.has_left:
        return _("Somebody who has left has no score.")
    known_at = run.live_at or run.known_at
    if known_at is None or not Consent.objects.active_at(known_at).filter(citizen=citizen).exists():
        return _("No source has consent, so nothing may be said.")
    if not run.is_current and not Score.objects.filter(Q(run=run)).exists():
        return _("The scores of this run are no longer kept.")
    needed = run.rule_set.minimum_behaviours
    words = ngettext(
        "Too little is known: a score needs at least %(needed)s behaviour.",
        "Too little is known: a score needs at least %(needed)s behaviours.",
        needed,
    )
    return words % {"needed": needed}


def _rule_line(rule: RuleExplanation) -> Line:
    line, unit = rule.line, rule.behaviour_type.unit
    times = "once" if line.events == 1 else f"{line.events} times"
    faded = f", faded to {quantity(line.x, unit)}" if rule.rule.half_life_days else ""
    worth = f"{signed(rule.rule.points)} points per {unit}"
    return Line(rule.behaviour_type.name, line.raw, f"{times}{faded}, {worth}")


def _ties(count: int) -> str:
    return "one scored tie" if count == 1 else f"{count} scored ties"
