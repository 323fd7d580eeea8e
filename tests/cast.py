"""The people in every test: Alice, her sister, her colleague, a stranger, and two clerks."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from oauth2_provider.models import Application

from citizens.actions.changes import announce
from citizens.enums import ChangeKind, Context, Role, TieKind
from citizens.models import ApplicationScopes, Behaviour, BehaviourType, Citizen, Consent, RoleGrant, Source, Tie, User
from perks.actions.openings import approve_change, move_threshold
from perks.models import ThresholdChange
from scoring.actions.programme import set_cadence
from scoring.actions.runs import execute_run, start_run
from scoring.enums import Cadence, RuleSetStatus, RunStatus, RunTrigger
from scoring.models import Band, Dimension, Rule, RuleSet, Run, TieWeight
from scoring.rules.terms import terms_of

PASSWORD = "a-long-enough-passphrase"
BANDS = (("poor", 350), ("fair", 550), ("good", 600), ("excellent", 650), ("superb", 700))


def account(username: str, *roles: Role, **extra: object) -> User:
    """An account with these roles; one of the staff has all of them where none is named."""
    found = User.objects.filter(username=username).first()
    if found:
        return found
    user = User.objects.create_user(username, f"{username}@example.org", PASSWORD, **extra)
    return with_roles(user, *(roles or (tuple(Role) if extra.get("is_staff") else ())))


def with_roles(user: User, *roles: Role) -> User:
    """The account as it is read anew, with these roles, which it has had for long."""
    user.groups.set(Group.objects.get_or_create(name=role)[0] for role in roles)
    RoleGrant.objects.in_force().filter(account=user).update(ended_at=timezone.now())
    for role in roles:
        RoleGrant.objects.create(account=user, role=role, asked_at=long_ago(), in_force_since=long_ago())
    return User.objects.get(pk=user.pk)


def person(key: str, *, signs_in: bool = True) -> Citizen:
    found = Citizen.objects.filter(key=key).first()
    user = account(key) if signs_in and not found else None
    return found or Citizen.objects.create(key=key, name=key.replace("-", " ").title(), user=user)


def alice() -> Citizen:
    return person("alice")


def alices_sister() -> Citizen:
    return person("alices-sister")


def alices_colleague() -> Citizen:
    return person("alices-colleague")


def stranger() -> Citizen:
    return person("stranger")


def clerk() -> User:
    return account("clerk", is_staff=True)


def second_clerk() -> User:
    return account("second-clerk", is_staff=True)


def bank() -> Source:
    return Source.objects.get_or_create(key="bank", defaults={"name": "The bank"})[0]


def bill_paid() -> BehaviourType:
    defaults = {"name": "Bill paid on time", "context": Context.FINANCE}
    return BehaviourType.objects.get_or_create(key="bill_paid_on_time", defaults=defaults)[0]


def loan_overdue() -> BehaviourType:
    defaults = {"name": "Loan overdue", "context": Context.FINANCE}
    return BehaviourType.objects.get_or_create(key="loan_overdue", defaults=defaults)[0]


def stroll() -> BehaviourType:
    """What no rule speaks of: it makes somebody known, and moves no score."""
    defaults = {"name": "Took a stroll", "context": Context.SOCIAL}
    return BehaviourType.objects.get_or_create(key="stroll", defaults=defaults)[0]


def consent(citizen: Citizen, source: Source | None = None) -> Consent:
    given = Consent.objects.create(citizen=citizen, source=source or bank(), receipt="a form", granted_at=long_ago())
    announce(kind=ChangeKind.CONSENT, citizen=citizen, subject_id=given.pk)
    return given


def observed(
    citizen: Citizen, type: BehaviourType, *, amount: float = 1.0, days_ago: float = 10, source: Source | None = None
) -> Behaviour:
    """A behaviour, with the consent it needs."""
    source = source or bank()
    if not Consent.objects.active().filter(citizen=citizen, source=source).exists():
        consent(citizen, source)
    behaviour = Behaviour.objects.create(
        citizen=citizen,
        type=type,
        source=source,
        external_id=f"{citizen.key}-{type.key}-{Behaviour.objects.count()}",
        occurred_at=timezone.now() - dt.timedelta(days=days_ago),
        amount=amount,
    )
    announce(kind=ChangeKind.BEHAVIOUR, citizen=citizen, subject_id=behaviour.pk)
    return behaviour


def know_each_other(
    one: Citizen,
    other: Citizen,
    kind: TieKind = TieKind.FRIEND,
    strength: float = 1.0,
    *,
    days: float = 400,
) -> Tie:
    """A live tie in which `other` is `kind` to `one`, since so many days."""
    if kind != TieKind.PARENT and one.pk > other.pk:
        one, other = other, one
    began = timezone.now() - dt.timedelta(days=days)
    tie = Tie.objects.create(first=one, second=other, kind=kind, strength=strength, started_at=began, since=began)
    announce(kind=ChangeKind.TIE, subject_id=tie.pk)
    return tie


def others_count_at_once() -> None:
    """The cadence of the demo town: what others do enters a number with the next live update."""
    set_cadence(acting_user=None, cadence=Cadence.LIVE)


def partners(*, bills: float = 0, loans: float = 3) -> tuple[Citizen, Citizen]:
    """Alice, who paid bills, and her partner, who has loans overdue; by the small rule set alone at 600 and 450."""
    one, other = alice(), alices_colleague()
    observed(one, bill_paid(), amount=bills) if bills else observed(one, stroll())
    observed(other, loan_overdue(), amount=loans)
    know_each_other(one, other, TieKind.PARTNER)
    return one, other


def rescore(trigger: RunTrigger = RunTrigger.COMMAND, **options: Any) -> Run:
    """A run from beginning to end, published."""
    run = attempted_run(trigger, **options)
    assert run.status == RunStatus.PUBLISHED, run.error
    return run


def attempted_run(trigger: RunTrigger = RunTrigger.COMMAND, **options: Any) -> Run:
    """A run from beginning to end, published or failed."""
    return execute_run(start_run(acting_user=None, trigger=trigger, **options))


def long_ago() -> dt.datetime:
    return timezone.now() - dt.timedelta(days=400)


def a_rule_set(*, publish: bool = True, author: User | None = None, **weights: float) -> RuleSet:
    """A small rule set: bills +10 (at most 100), overdue loans −50 (at most 200), everybody starts at 600."""
    defaults = {"base": 600, "drag": 0.4, "lift": 0.2, "theta_drag": 600, "theta_lift": 700, "cap": 60, "k0": 0}
    # One person is enough in a small cast, and nobody waits, but where a test says so.
    defaults |= {"least_ties": 1, "tie_wait": 0}
    version = RuleSet.objects.count() + 1
    author = author or clerk()
    rule_set = RuleSet.objects.create(version=version, name="Small", author=author, **(defaults | weights))
    credit = Dimension.objects.create(rule_set=rule_set, key="credit", name="Credit", room=250)
    for observed_type, points, most in ((bill_paid(), 10, 100), (loan_overdue(), -50, 200)):
        Rule.objects.create(rule_set=rule_set, dimension=credit, behaviour_type=observed_type, points=points, most=most)
    for kind in TieKind:
        TieWeight.objects.create(rule_set=rule_set, role=kind, weight=1)
    for key, lower in BANDS:
        Band.objects.create(rule_set=rule_set, key=key, name=key.title(), lower=lower)
    if publish:
        move(rule_set, RuleSetStatus.IN_REVIEW, RuleSetStatus.PUBLISHED)
    return rule_set


def previewed(rule_set: RuleSet) -> str | None:
    """What somebody carries who has just looked at the preview of this rule set; None where nothing is in force."""
    published, drafted = RuleSet.objects.published().first(), RuleSet.objects.get(pk=rule_set.pk)
    return terms_of(drafted).fingerprint_beside(published.version) if published else None


def an_application(*scopes: str, **values: Any) -> Application:
    """An application that may ask for these scopes."""
    made = Application.objects.create(**values)
    ApplicationScopes.objects.create(application=made, scopes=list(scopes))
    return made


def change_asked(by: User, opening: Any, threshold: int, *, is_active: bool = True) -> Any:
    """What somebody asked for of a perk or a restriction, and waits for a second person."""
    move_threshold(acting_user=by, opening=opening, threshold=threshold, is_active=is_active)
    return ThresholdChange.objects.pending().of(opening).get()


def set_by_two(opening: Any, threshold: int, *, is_active: bool = True) -> None:
    """A perk or a restriction is set so, asked for by the second clerk and approved by another."""
    change = change_asked(second_clerk(), opening, threshold, is_active=is_active)
    approve_change(acting_user=account("third-clerk", is_staff=True), change=change)


def move(rule_set: RuleSet, *statuses: RuleSetStatus) -> None:
    """Takes a rule set through its statuses without the actions."""
    for status in statuses:
        rule_set.status = status
        rule_set.save(update_fields=["status"])
